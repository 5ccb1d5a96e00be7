import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { looksSecret } from '#contract/environment.ts'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'
import { serveScheduler } from '../scheduler/serve-scheduler.ts'
import { openVault } from './vault.ts'
import { testVault } from './vault-fixture.ts'

/** Every file of a folder in which a text can be read. */
function filesWith(folder: string, text: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  return files.filter((file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(text))
}

test('names tell which values are nobody’s business, and so do addresses with a password', () => {
  const secret = [
    'PGPASSWORD',
    'API_KEY',
    'apikey',
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'DB_PASS',
    'NPM_AUTH',
  ]
  for (const name of secret) expect(looksSecret(name, 'x'), name).toBe(true)
  const open = ['PATH', 'PWD', 'OLDPWD', 'KEYBOARD', 'SSH_AUTH_SOCK', 'COMPASS', 'MONKEY', 'HOME']
  for (const name of open) expect(looksSecret(name, 'x'), name).toBe(false)
  expect(looksSecret('DATABASE_URL', 'postgres://ann:hunter2@host/db')).toBe(true)
  expect(looksSecret('DATABASE_URL', 'postgres://ann@host/db')).toBe(false)
})

test('a secret reaches its command, and is nowhere in the folder of the profile', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const { scheduler, schedules, runs, runsFolder, vault } = service
  const handlers = serveScheduler({
    ...{
      scheduler,
      schedules,
      store: runs,
      folder: runsFolder,
      vault,
      environment: { HOME: '/h', A_KEY: 'canary' },
    },
  })
  const context = { signal: new AbortController().signal, passengers: [] }
  const environment = { API_TOKEN: 'canary-by-name', MARKED: { secret: 'canary-marked' } }
  const callerEnvironment = { PATH: process.env['PATH'] ?? '', DB_PASSWORD: 'canary-of-the-shell' }
  const line = shellLine('printf %s "$API_TOKEN $MARKED $DB_PASSWORD" | sha256sum')
  const made = await handlers['command.run']({ ...line, environment, callerEnvironment }, context)
  const schedule = await handlers['schedule.add'](
    {
      ...{ command: { ...line, environment }, terms: {}, callerEnvironment },
      ...{ timing: { kind: 'every', everyMs: 1_000_000 }, missed: 'skip' },
    },
    context,
  )
  expect(JSON.stringify([made, schedule])).not.toContain('canary')
  if (!('state' in made)) throw new Error('unreachable')
  await service.final(made.id)
  const sum = createHash('sha256').update('canary-by-name canary-marked canary-of-the-shell').digest('hex')
  expect(readFileSync(service.attempt(made.id).output, 'utf8')).toContain(sum)

  // It can be run again without anybody who would know the secret.
  const again = await scheduler.restart(made.id, 'as-new')
  await service.final(again.id)
  expect(readFileSync(service.attempt(again.id).output, 'utf8')).toContain(sum)
  expect(await handlers['environment.list']({}, context)).toEqual({
    variables: { HOME: '/h', A_KEY: null },
    of: 'offloop',
  })
  // Of the shell that asked for a run, the names alone.
  expect(await handlers['environment.list']({ run: made.id }, context)).toEqual({
    variables: { PATH: null, DB_PASSWORD: null },
    of: 'asker',
  })
  expect(await handlers['environment.reveal']({ name: 'A_KEY' }, context)).toEqual({ value: 'canary' })
  await expect(
    (async () => handlers['environment.reveal']({ name: 'toString' }, context))(),
  ).rejects.toMatchObject({ failure: { code: 'not-found' } })
  await expect(
    handlers['command.run']({ ...line, environment: { 'A=': 'x' } }, context),
  ).rejects.toMatchObject({ failure: { code: 'invalid-params' } })
  await service.close()
  expect(filesWith(folder, sum).length).toBeGreaterThan(0)
  expect(filesWith(folder, 'canary')).toEqual([])
})

test('the same text is sealed to the same bytes, another to others, and each opens to itself', async () => {
  const vault = testVault()
  const spec = (secret: string) => ({ ...shellLine('true'), environment: { A: { secret }, B: { secret } } })
  const first = await vault.sealSpec(spec('hunter2'))
  expect(first.environment['A']).toEqual(first.environment['B'])
  expect(await vault.sealSpec(spec('hunter2'))).toEqual(first)
  expect((await vault.sealSpec(spec('hunter3'))).environment['A']).not.toEqual(first.environment['A'])
  expect(await vault.openChanges(first.environment)).toEqual({ A: 'hunter2', B: 'hunter2' })
  // What is sealed is not sealed again.
  expect(await vault.sealSpec(first)).toEqual(first)
  const plain = { HOME: '/home/ann', sealed: 'eA==' }
  const open = shellLine('true')
  expect(JSON.parse(await vault.storeEnvironment(plain, open))).toEqual(plain)
  expect(await vault.readEnvironment(await vault.storeEnvironment(plain, open))).toEqual(plain)
  const secret = { HOME: '/home/ann', PGPASSWORD: 'hunter2' }
  expect(await vault.storeEnvironment(secret, open)).not.toContain('hunter2')
  expect(await vault.readEnvironment(await vault.storeEnvironment(secret, open))).toEqual(secret)
})

test('the environment of a shell is sealed when a secret of the command came out of it, by whatever name', async () => {
  const vault = testVault()
  const shell = { HOME: '/home/ann', COLOUR: 'hunter2' }
  const marked = { ...shellLine('true'), environment: { COLOUR: { secret: 'hunter2' } } }
  const template = { name: 't', values: { colour: { secret: 'hunter2' } } }
  const changed = { ...shellLine('true'), environment: { COLOUR: 'red', HOME: null } }
  for (const command of [marked, { ...shellLine('true'), template }, await vault.sealSpec(marked)])
    expect(await vault.storeEnvironment(shell, command)).not.toContain('hunter2')
  expect(await vault.readEnvironment(await vault.storeEnvironment(shell, marked))).toEqual(shell)
  expect(await vault.storeEnvironment(shell, changed)).toContain('hunter2')
})

test('without a keychain a command whose secrets were lost is not started, and says why', async () => {
  const service = await openForTest(await serviceFolder())
  const keeper = { read: () => Promise.resolve(null), write: () => Promise.resolve('memory' as const) }
  const other = openVault(keeper)
  expect(await other.where()).toBe('memory')
  const spec = await other.sealSpec({ ...shellLine('true'), environment: { API_TOKEN: 'hunter2' } })
  expect((await service.commands.run(spec)).state).toMatchObject({
    kind: 'failed-to-spawn',
    message: expect.stringContaining('Its secrets are not known any more') as string,
  })
  const environment = await other.storeEnvironment({ API_TOKEN: 'hunter2' }, shellLine('true'))
  const ofShell = await service.scheduler.run({ spec: shellLine('true'), environment })
  expect(ofShell.state.kind).toBe('failed-to-spawn')
})
