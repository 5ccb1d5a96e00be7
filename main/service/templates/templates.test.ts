import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { serviceTemplates, type Template } from '#contract/template/template.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { openAppDatabase } from '../app-database/client.ts'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { MIGRATIONS, WORKER } from '../app-database/locations-fixture.ts'
import { shellLine } from '../commands/open-service-fixture.ts'
import { testVault } from '../secrets/vault-fixture.ts'
import { openTemplates } from './open-templates.ts'

/** The templates of a folder, asked over a real port. */
async function open(folder: string) {
  const file = join(folder, 'offloop.db')
  const database = await openAppDatabase({ worker: WORKER, file, migrations: MIGRATIONS })
  const onTrouble = (message: string): never => expect.fail(message)
  const { handlers } = await openTemplates({ database, vault: testVault(), onTrouble })
  const { port1, port2 } = new MessageChannel()
  const serving = serve(serviceTemplates, nodePort(port1), handlers)
  const session = nodePort(port2)
  return {
    client: connect(serviceTemplates, session, dialWithEnvelopes(session)),
    async close(): Promise<void> {
      serving.close()
      await database.close()
    },
  }
}

const backUp: Template = {
  name: 'Back up',
  description: 'Every night',
  command: shellLine('tar cf "$to" .', '/data'),
  parameters: [{ type: 'file', name: 'to', default: '/b.tar' }],
  terms: { pool: 'disk' },
}

test('a template is kept, changed, renamed and deleted, and others are told', async () => {
  const folder = await temporaryFolder()
  const { client, close } = await open(folder)
  const save = (template: Template, replaces?: string) => client.call('template.save', { template, replaces })
  const watching = client.stream('templates.watch', {})
  expect(await save(backUp)).toEqual(backUp)
  const renamed = { ...backUp, name: 'Back up all' }
  await save(renamed, 'Back up')
  await save(backUp)
  await expect(save(backUp)).rejects.toMatchObject({ failure: { code: 'conflict' } })
  await expect(save(backUp, 'Back up all')).rejects.toMatchObject({ failure: { code: 'conflict' } })
  await expect(save(backUp, 'Nothing')).rejects.toMatchObject({ failure: { code: 'not-found' } })
  await client.call('template.delete', { name: 'Back up' })
  await expect(client.call('template.delete', { name: 'Back up' })).rejects.toMatchObject({
    failure: { code: 'not-found', message: 'There is no template "Back up". There is "Back up all".' },
  })
  for await (const { templates } of watching) if (templates[0]?.name === 'Back up all') break
  await close()

  const again = await open(folder)
  onTestFinished(again.close)
  expect(await again.client.call('template.get', { name: 'Back up all' })).toEqual(renamed)
  await expect(again.client.call('template.get', { name: 'Back up' })).rejects.toThrow(
    'no template "Back up"',
  )
})

test('a template that could not work is refused, and its secrets are sealed', async () => {
  const { client, close } = await open(await temporaryFolder())
  onTestFinished(close)
  const save = (change: Partial<Template>) =>
    client.call('template.save', { template: { ...backUp, ...change } })
  const twice = [...backUp.parameters, ...backUp.parameters]
  await expect(save({ parameters: twice })).rejects.toThrow('Two parameters are called "to"')
  const environment = { 'A=': 'x' }
  await expect(save({ command: { ...backUp.command, environment } })).rejects.toThrow('"A="')
  const saved = await save({
    command: {
      ...backUp.command,
      environment: { API_KEY: 'hunter2', MARKED: { secret: 'hunter2' } },
      template: { name: 'Another', values: {} },
    },
  })
  expect(JSON.stringify(saved)).not.toContain('hunter2')
  expect(saved.command.template).toBeUndefined()
})
