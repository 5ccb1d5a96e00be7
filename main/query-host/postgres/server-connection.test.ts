import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chown, chmod } from 'node:fs/promises'
import { connect as connectSocket, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { noServer, PASSWORD, startServer, USER, type TestServer } from '#kit/postgres-server-fixture.ts'
import { failureOf } from '../host-fixture.ts'
import { openServerHost, runOnServer, serverHost } from './server-fixture.ts'

const run = promisify(execFile)
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
)
/** What the project promises for a cancel. */
const CANCEL_GOAL_MS = 1_000
const ENDLESS = 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'

let server: TestServer
describe.skipIf(noServer)(
  `connections to a real PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
    }, 60_000)
    afterAll(() => server.remove())

    /** How many statements that look like this one run on the server. */
    async function runningLike(pattern: string): Promise<number> {
      const { cells } = await runOnServer(await openServerHost(server.address()), {
        sql: "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()",
        params: [pattern],
      })
      return Number(cells[0]?.[0])
    }

    it.each([
      ['a sleep', 'SELECT pg_sleep(3600)', 'read-write'],
      ['an endless recursion', ENDLESS, 'read-only'],
      ['an endless stream of rows', 'SELECT i FROM generate_series(1, 1e15::bigint) i', 'read-only'],
    ] as const)('cancel ends %s within a second, on the server too', async (_name, sql, mode) => {
      const client = await openServerHost(server.address(), mode)
      const cancelling = new AbortController()
      const running = client.stream(
        'execute',
        { sql, resultPath: join(server.folder, 'cancelled'), rows: 'none' },
        { signal: cancelling.signal },
      )
      while ((await runningLike(`${sql.slice(0, 30)}%`)) === 0);
      const start = performance.now()
      cancelling.abort()
      const { stoppedEarly } = await running.result
      expect(performance.now() - start).toBeLessThan(CANCEL_GOAL_MS)
      expect(stoppedEarly).toBe(true)
      expect(await runningLike(`${sql.slice(0, 30)}%`)).toBe(0)
      // The host goes on with the next one.
      expect((await runOnServer(client, { sql: 'SELECT 1' })).cells).toEqual([['1']])
    })

    it('a cancelled change is undone', async () => {
      const client = await openServerHost(server.address())
      await runOnServer(client, { sql: 'CREATE TABLE undone (a int)' })
      const cancelling = new AbortController()
      const running = runOnServer(
        client,
        { sql: 'INSERT INTO undone SELECT i FROM generate_series(1, 5) i, pg_sleep(3600) RETURNING a' },
        cancelling.signal,
      )
      while ((await runningLike('INSERT INTO undone%')) === 0);
      cancelling.abort()
      expect(await running).toMatchObject({ stoppedEarly: true, interrupted: true })
      expect((await runOnServer(client, { sql: 'SELECT count(*) FROM undone' })).cells).toEqual([['0']])
    })

    it('gives a connection up within a second when the server does not confirm a cancel', async () => {
      const client = await openServerHost(server.address())
      const pid = Number((await runOnServer(client, { sql: 'SELECT pg_backend_pid()' })).cells[0]?.[0])
      const cancelling = new AbortController()
      const running = runOnServer(client, { sql: 'SELECT pg_sleep(3600)' }, cancelling.signal)
      while ((await runningLike('SELECT pg_sleep%')) === 0);
      process.kill(pid, 'SIGSTOP')
      onTestFinished(() => void process.kill(pid, 'SIGCONT'))
      const start = performance.now()
      cancelling.abort()
      expect((await running).stoppedEarly).toBe(true)
      expect(performance.now() - start).toBeLessThan(CANCEL_GOAL_MS)
      expect((await runOnServer(client, { sql: 'SELECT 1' })).cells).toEqual([['1']])
    })

    it('has the server itself end a statement whose time is up', async () => {
      const client = await openServerHost(server.address())
      const start = performance.now()
      const failure = await failureOf(
        runOnServer(client, { sql: 'SELECT pg_sleep(3600)', budget: { timeoutMs: 200 } }),
      )
      expect(failure).toMatchObject({ code: 'deadline', details: { engineCode: '57014' } })
      expect(performance.now() - start).toBeLessThan(CANCEL_GOAL_MS)
      const { cells } = await runOnServer(client, {
        sql: 'SHOW statement_timeout',
        budget: { timeoutMs: 12_345 },
      })
      expect(cells).toEqual([['12345ms']])
      expect((await runOnServer(client, { sql: 'SHOW statement_timeout' })).cells).toEqual([['0']])
    })

    it('ends a statement at its time although each of its batches is quick', async () => {
      const client = await openServerHost(server.address(), 'read-only')
      const sql = 'SELECT i FROM generate_series(1, 1e15::bigint) i'
      const failure = await failureOf(runOnServer(client, { sql, budget: { timeoutMs: 300 } }))
      expect(failure.code).toBe('deadline')
    })

    it('runs statements side by side on nine connections, and keeps them for the next', async () => {
      const client = await openServerHost(server.address())
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          runOnServer(client, { sql: 'SELECT $1::int, pg_backend_pid(), pg_sleep(0.02)', params: [i] }),
        ),
      )
      expect(results.map(({ cells }) => cells[0]?.[0])).toEqual(
        Array.from({ length: 30 }, (_, i) => String(i)),
      )
      const sessions = new Set(results.map(({ cells }) => cells[0]?.[1]))
      expect(sessions.size).toBeGreaterThan(1)
      expect(sessions.size).toBeLessThanOrEqual(9)
    })

    it('fails clearly when the server ends under a statement, and works when it is back', async () => {
      for (const how of ['SIGINT', 'SIGQUIT'] as const) {
        const client = await openServerHost(server.address())
        const failure = failureOf(runOnServer(client, { sql: 'SELECT pg_sleep(3600)' }))
        while ((await runningLike('SELECT pg_sleep%')) === 0);
        await server.stop(how)
        expect(await failure).toMatchObject({
          code: 'database',
          message: expect.stringContaining('ended while the statement was running') as string,
          details: { engineCode: expect.stringMatching(/^57P0|^08/) as string },
        })
        expect(await failureOf(runOnServer(client, { sql: 'SELECT 1' }))).toMatchObject({
          message: expect.stringContaining(`no server at 127.0.0.1:${server.port}`) as string,
          details: { engineCode: 'ECONNREFUSED' },
        })
        await server.start()
        expect((await runOnServer(client, { sql: 'SELECT 1' })).cells).toEqual([['1']])
      }
    }, 60_000)

    it('hands no dead connection out after the server was restarted while all were at rest', async () => {
      const client = await openServerHost(server.address())
      await Promise.all(
        Array.from({ length: 5 }, () => runOnServer(client, { sql: 'SELECT pg_sleep(0.01)' })),
      )
      await server.stop()
      await server.start()
      const results = await Promise.all(
        Array.from({ length: 5 }, () => runOnServer(client, { sql: 'SELECT 1' })),
      )
      expect(results.map(({ cells }) => cells)).toEqual(Array.from({ length: 5 }, () => [['1']]))
    }, 60_000)

    it('starts anew where the network has silently forgotten a connection at rest', async () => {
      // A router between, that drops what it knows without telling either side.
      const router = createServer((near) => {
        const far = connectSocket(server.port, '127.0.0.1')
        near.on('error', () => undefined)
        far.on('error', () => undefined)
        near.on('data', (data) => forgotten.has(near) || far.write(data))
        far.on('data', (data) => forgotten.has(near) || near.write(data))
        lines.add(near)
        onTestFinished(() => {
          near.destroy()
          far.destroy()
        })
      })
      const lines = new Set<object>()
      const forgotten = new Set<object>()
      router.listen(0, '127.0.0.1')
      await once(router, 'listening')
      onTestFinished(() => void router.close())
      const { port } = router.address() as { port: number }
      const client = await openServerHost(`postgres://${USER}@127.0.0.1:${port}/postgres?sslmode=disable`)
      expect((await runOnServer(client, { sql: 'SELECT 1' })).cells).toEqual([['1']])
      for (const line of lines) forgotten.add(line)
      expect((await runOnServer(client, { sql: 'SELECT 2' })).cells).toEqual([['2']])
    }, 30_000)

    it.each([
      ['a wrong password', 'wrong', 'refused the password of "ann"'],
      ['no password', null, 'none is saved'],
    ])('says what to do about %s', async (_name, password, words) => {
      expect(await failureOf(openServerHost(server.address(), 'read-only', password))).toMatchObject({
        code: 'database',
        message: expect.stringContaining(words) as string,
        details: { engineCode: '28P01' },
      })
    })

    it('reads no password from the environment', async () => {
      process.env['PGPASSWORD'] = PASSWORD
      onTestFinished(() => {
        delete process.env['PGPASSWORD']
      })
      expect((await failureOf(openServerHost(server.address(), 'read-only', null))).details?.engineCode).toBe(
        '28P01',
      )
    })

    it('refuses an address with a password in it, and does not repeat it', async () => {
      const address = `postgres://${USER}:secret@127.0.0.1:${server.port}/postgres`
      const { message } = await failureOf(openServerHost(address))
      expect(message).toContain('no password')
      expect(message).not.toContain('secret')
    })

    it('says so when there is no server, no such host or no such database', async () => {
      const about = async (address: string): Promise<string> =>
        (await failureOf(openServerHost(address))).message
      expect(await about(`postgres://${USER}@127.0.0.1:1/x`)).toContain('There is no server at 127.0.0.1:1')
      expect(await about(`postgres://${USER}@nowhere.invalid/x`)).toContain('cannot be found')
      expect(await about(server.address('', 'nothere'))).toContain('"nothere" does not exist')
      expect(await about(`postgres://${USER}@x/?host=${encodeURIComponent('/no/folder')}`)).toContain(
        '/no/folder',
      )
    })

    it('connects over the Unix socket in a folder', async () => {
      const folder = encodeURIComponent(server.folder)
      const client = await openServerHost(`postgres://${USER}@:${server.port}/postgres?host=${folder}`)
      expect(
        (await runOnServer(client, { sql: "SELECT current_setting('application_name')" })).cells,
      ).toEqual([['Offloop']])
    })

    it('falls back to a plain connection only where TLS is not required', async () => {
      const client = await openServerHost(server.address('?sslmode=prefer'))
      expect((await runOnServer(client, { sql: 'SELECT 1' })).cells).toEqual([['1']])
      for (const mode of ['require', 'verify-ca', 'verify-full']) {
        const { message } = await failureOf(openServerHost(server.address(`?sslmode=${mode}`)))
        expect(message).toContain(`does not offer TLS, which sslmode=${mode} requires`)
      }
    })

    it.skipIf(!hasOpenssl)(
      `protects the connection as sslmode says${hasOpenssl ? '' : ' (left out: no openssl)'}`,
      async () => {
        const key = join(server.folder, 'server.key')
        const certificate = join(server.folder, 'server.crt')
        await run('openssl', [
          ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=offloop.test'],
          ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
        ])
        await chmod(key, 0o600)
        if (process.getuid?.() === 0) await chown(key, 65_534, 65_534)
        await server.stop()
        await server.start('ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`)
        onTestFinished(async () => {
          await server.stop()
          await server.start()
        })
        const usesTls = async (options: string, host = '127.0.0.1'): Promise<string | undefined> => {
          const client = serverHost()
          const path = `postgres://${USER}@${host}:${server.port}/postgres${options}`
          await client.call('open', { path, mode: 'read-write', password: PASSWORD })
          const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
          return (await runOnServer(client, { sql })).cells[0]?.[0]
        }
        const trust = `&sslrootcert=${encodeURIComponent(certificate)}`
        expect(await usesTls('?sslmode=disable')).toBe('false')
        expect(await usesTls('?sslmode=prefer')).toBe('true')
        expect(await usesTls('?sslmode=require')).toBe('true')
        expect(await usesTls(`?sslmode=verify-ca${trust}`)).toBe('true')
        expect(await usesTls(`?sslmode=verify-full${trust}`, 'localhost')).toBe('true')
        for (const options of ['?sslmode=verify-ca', `?sslmode=verify-full${trust}`]) {
          expect((await failureOf(usesTls(options))).message).toContain('cannot be trusted')
        }
        expect((await failureOf(usesTls('?sslmode=verify-ca&sslrootcert=/no/file'))).code).toBe('not-found')

        // A cancel goes over TLS as well.
        const client = await openServerHost(server.address('?sslmode=require'))
        const cancelling = new AbortController()
        const running = runOnServer(client, { sql: 'SELECT pg_sleep(3600)' }, cancelling.signal)
        while ((await runningLike('SELECT pg_sleep%')) === 0);
        cancelling.abort()
        expect(await running).toMatchObject({ stoppedEarly: true, interrupted: true })
      },
      60_000,
    )
  },
)
