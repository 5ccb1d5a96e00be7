import { expect, test } from 'vitest'
import type { Template } from './template.ts'
import { templatesIn, withoutSecrets } from './template-file.ts'

const one: Template = {
  name: 'Resize',
  command: {
    kind: 'command',
    command: { kind: 'program', program: 'convert', args: ['{input}'] },
    folder: '/work',
    environment: { A: '1', GONE: null, KEY: { sealed: 'AAAA' }, NEW: { secret: 'x' } },
  },
  parameters: [{ type: 'file', name: 'input' }],
}

test('a file has templates without their secrets, one or many of them', () => {
  const shared = withoutSecrets(one)
  expect(shared.command.environment).toEqual({ A: '1', GONE: null })
  const other = { ...shared, name: 'Other' }
  expect(templatesIn(JSON.stringify(shared, null, 2))).toEqual([shared])
  expect(templatesIn(`${JSON.stringify(shared)}\n${JSON.stringify(other)}\n`)).toEqual([shared, other])
})

test('a file with anything else has none', () => {
  for (const text of ['', '{}', 'no', `${JSON.stringify(withoutSecrets(one))}\n{"name":"x"}`])
    expect(templatesIn(text), text).toBeUndefined()
})
