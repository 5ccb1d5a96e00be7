import { readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { PipeRequest } from '#contract/pipe.ts'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { readIdentity } from '../commands/attempt.ts'
import { serviceFolder } from '../commands/service-fixture.ts'
import { pipeFolder } from './pipe-folder.ts'
import { pipeProcess, pipesForTest, sh } from './pipe-service-fixture.ts'

/** `seq 1 1000000`, by sha256sum. */
const MILLION_SHA = '90433fcbd9e16297e6a7c1dacb1056394743194776e52f78ebf0a44b80b6b14f'
const MILLION_BYTES = 6_888_896
/** Several processes take their turns on a busy machine. */
const TIMEOUT_MS = 60_000
vi.setConfig({ testTimeout: TIMEOUT_MS })

describe('a queue between a writer and a reader: a pipe between commands', () => {
  test('a million rows come through in order and whole, also through a command in the middle', async () => {
    const { make, over, log } = await pipesForTest(await serviceFolder())
    const made = await make({ stages: [[sh('seq 1 1000000')], [sh('cat')], [sh('sha256sum')]] })
    expect(made.runs.map(({ state }) => state.kind)).not.toContain('failed-to-spawn')
    const { pipes, runs } = await over(made)
    expect(runs.map(({ state }) => state.kind)).toEqual(['done', 'done', 'done'])
    for (const pipe of pipes)
      expect(pipe).toMatchObject({
        state: { kind: 'whole' },
        size: 0,
        writers: [{ bytes: MILLION_BYTES }],
        readers: [{ bytes: MILLION_BYTES }],
      })
    expect(await log(runs[2])).toBe(`${MILLION_SHA}  -\n`)
  })

  test('a fast writer waits for a slow reader, and both and the gauge say so', async () => {
    const { make, over, client } = await pipesForTest(await serviceFolder())
    const folder = await temporaryFolder()
    const made = await make({
      stages: [[sh('yes | head -c 3000000')], [sh(`until [ -e ${folder}/go ]; do sleep 0.05; done; wc -c`)]],
      capacity: 8_192,
    })
    const [pipe] = made.pipes
    const watching = client.stream('pipe.watch', { id: pipe?.id ?? 0 })
    for await (const now of watching) if (now.size === 8_192) await writeFile(join(folder, 'go'), '')
    const { pipes, runs } = await over(made)
    expect(runs.map(({ state }) => state.kind)).toEqual(['done', 'done'])
    expect(pipes[0]).toMatchObject({ capacity: 8_192, readers: [{ bytes: 3_000_000 }] })
  })

  test('several workers share the lines of one command, and another gets what all of them write', async () => {
    const { make, over, log } = await pipesForTest(await serviceFolder())
    const made = await make({
      stages: [[sh('seq 1 20000')], [sh('cat'), sh('cat'), sh('cat')], [sh('sort -n | md5sum; true')]],
      spread: 'share',
    })
    const { runs } = await over(made)
    const alone = await make({ stages: [[sh('seq 1 20000')], [sh('md5sum')]] })
    const single = await over(alone)
    expect(await log(runs.at(-1))).toBe(await log(single.runs[1]))
  })

  test('all runs start with the first, whatever the pool allows, and say so until then', async () => {
    const { make, over, scheduler } = await pipesForTest(await serviceFolder())
    await scheduler.pools.add('one', { concurrency: 1, capacity: 0 })
    const made = await make({
      stages: [[sh('seq 1 100000')], [sh('wc -l')]],
      terms: { pool: 'one', held: true },
    })
    const [first, second] = made.runs
    expect(second?.state).toEqual({ kind: 'queued', reasons: [{ kind: 'starts-with', run: first?.id }] })
    await scheduler.resume(first?.id ?? 0)
    expect((await over(made)).runs.map(({ state }) => state.kind)).toEqual(['done', 'done'])
    await expect(scheduler.restart(second?.id ?? 0, 'as-new')).rejects.toMatchObject({
      failure: { code: 'invalid-params', message: expect.stringContaining('pipe') as string },
    })
  })

  test('a reader that ends early ends the pipe: the writer gets SIGPIPE, as in a shell', async () => {
    const { make, over, log } = await pipesForTest(await serviceFolder())
    const { pipes, runs } = await over(await make({ stages: [[sh('exec yes')], [sh('head -n 2')]] }))
    expect(runs.map(({ state }) => state)).toMatchObject([{ kind: 'killed', signal: 13 }, { kind: 'done' }])
    expect(pipes[0]?.state).toEqual({ kind: 'ended-early', run: runs[1]?.id })
    expect(await log(runs[1])).toBe('y\ny\n')
  })

  test('a writer that fails is the end of the input, or stops its reader where the pipe is strict', async () => {
    const { make, over, log } = await pipesForTest(await serviceFolder())
    const stages: PipeRequest['stages'] = [[sh('echo one; exit 3')], [sh('cat; echo end')]]
    const loose = await over(await make({ stages }))
    expect(loose.runs.map(({ state }) => state.kind)).toEqual(['failed', 'done'])
    expect(loose.pipes[0]?.state).toEqual({ kind: 'whole' })
    expect(await log(loose.runs[1])).toBe('one\nend\n')

    const strict = await over(await make({ stages, strict: true }))
    expect(strict.runs.map(({ state }) => state.kind)).toEqual(['failed', 'cancelled'])
    expect(strict.pipes[0]?.state).toEqual({ kind: 'cut', run: strict.runs[0]?.id })
    expect(await log(strict.runs[1])).not.toContain('end')
  })

  test.for([0, 1, 2])(
    'cancelling run %i of three ends the others, and none is told that it has read everything',
    async (which) => {
      const { make, over, scheduler, log } = await pipesForTest(await serviceFolder())
      const made = await make({
        stages: [[sh('echo 1; exec sleep 100')], [sh('exec cat')], [sh('head -n 1; cat; echo end')]],
      })
      const last = made.runs[2]
      await expect.poll(() => log(last)).toBe('1\n')
      await scheduler.cancel(made.runs[which]?.id ?? 0)
      const { pipes, runs } = await over(made)
      expect(runs.map(({ state }) => state.kind)).toEqual(['cancelled', 'cancelled', 'cancelled'])
      expect(pipes.map(({ state }) => state.kind)).not.toContain('whole')
      expect(await log(last)).toBe('1\n')
    },
  )

  test('a program that is not there ends the others before they wait for it', async () => {
    const { make, over } = await pipesForTest(await serviceFolder())
    const none: PipeRequest['stages'][number] = [
      {
        kind: 'command',
        command: { kind: 'program', program: '/none', args: [] },
        folder: '/',
        environment: {},
      },
    ]
    const asReader = await over(await make({ stages: [[sh('exec sleep 100')], none] }))
    expect(asReader.runs.map(({ state }) => state.kind)).toEqual(['cancelled', 'failed-to-spawn'])
    const asWriter = await over(await make({ stages: [none, [sh('cat')]] }))
    expect(asWriter.runs.map(({ state }) => state.kind)).toEqual(['failed-to-spawn', 'cancelled'])
  })

  test('what cannot be joined is refused, with the reason', async () => {
    const { make } = await pipesForTest(await serviceFolder())
    const refused = (message: string) => ({
      failure: { code: 'invalid-params', message: expect.stringContaining(message) as string },
    })
    const two = [sh('cat'), sh('cat')]
    await expect(make({ stages: [[sh('ls')], two] })).rejects.toMatchObject(refused('copy'))
    const query = { kind: 'query', database: '/x.db', sql: 'SELECT 1', format: { kind: 'jsonl' } } as const
    await expect(make({ stages: [[query, sh('ls')], [sh('cat')]] })).rejects.toMatchObject(refused('merged'))
    await expect(make({ stages: [[sh('ls')], [query]] })).rejects.toMatchObject(refused('reads from no pipe'))
    const retries = { count: 1, delayMs: 0, backoff: 1, maxDelayMs: 0, jitter: 0, on: ['failed' as const] }
    await expect(make({ stages: [[sh('ls')], [sh('cat')]], terms: { retries } })).rejects.toMatchObject(
      refused('tried again'),
    )
  })
})

describe('after kill -9 of the service', () => {
  test('the bytes go on, none is lost or doubled, and the runs are taken over', async () => {
    const profile = await serviceFolder()
    const slowly =
      'for i in 0 1 2 3 4 5 6 7 8 9; do seq $((i*100000+1)) $((i*100000+100000)); sleep 0.1; done'
    const first = await pipeProcess(profile, {
      stages: [[sh(slowly)], [sh('sha256sum')]],
      capacity: 65_536,
    })
    await first.kill()
    const { over, log } = await pipesForTest(profile)
    const { pipes, runs } = await over(first.made)
    expect(runs.map(({ state }) => state.kind)).toEqual(['done', 'done'])
    expect(pipes[0]).toMatchObject({ state: { kind: 'whole' }, readers: [{ bytes: MILLION_BYTES }] })
    expect(await log(runs[1])).toBe(`${MILLION_SHA}  -\n`)
  })

  test('a pipe whose buffer was ended from outside says so, and its reader has failed', async () => {
    const profile = await serviceFolder()
    const folder = await temporaryFolder()
    const first = await pipeProcess(profile, {
      stages: [[sh(`echo 1; until [ -e ${folder}/go ]; do sleep 0.05; done`)], [sh('cat')]],
    })
    const [pipe] = first.made.pipes
    const { pump } = pipeFolder(join(profile, 'pipes'), pipe?.id ?? 0)
    await expect.poll(() => readIdentity(pump)).toBeDefined()
    const output = join(profile, 'runs', String(first.made.runs[1]?.id), '1', 'output')
    await expect.poll(() => readFile(output, 'utf8').catch(() => '')).toBe('1\n')
    await first.kill()
    process.kill((await readIdentity(pump))?.pid ?? 0, 'SIGKILL')
    await expect.poll(() => existsSync(join(output, '..', 'exit'))).toBe(true)
    await writeFile(join(folder, 'go'), '')
    const { over } = await pipesForTest(profile)
    const { pipes, runs } = await over(first.made)
    expect(pipes[0]?.state.kind).toBe('broken')
    expect(runs[1]?.state).toMatchObject({ kind: 'failed', cause: { failure: { code: 'host-lost' } } })
  })
})
