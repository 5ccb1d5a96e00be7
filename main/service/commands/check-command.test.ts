import { expect, test } from 'vitest'
import { checkCommand } from './check-command.ts'
import { shellLine } from './open-service-fixture.ts'

test('a command that no system would start as it was meant is refused, and told what is wrong', () => {
  const refused = (change: Partial<ReturnType<typeof shellLine>>) => () =>
    checkCommand({ ...shellLine('true'), ...change })
  expect(refused({ environment: { '': 'x' } })).toThrow('has no name')
  expect(refused({ environment: { 'A=B': 'x' } })).toThrow('"A=B" cannot be the name')
  expect(refused({ environment: { 'A B': null } })).toThrow('no spaces')
  expect(refused({ environment: { A: 'x\0y' } })).toThrow('"A" contains a zero byte')
  expect(refused({ environment: { A: { secret: '\0' } } })).toThrow('zero byte')
  expect(refused({ environment: { OFFLOOP_RUN: 'x' } })).toThrow('is Offloop')
  expect(refused({ folder: '/a\0' })).toThrow('The working folder contains')
  expect(refused({ command: { kind: 'shell', line: '\0' } })).toThrow('The line for the shell')
  const args = ['a', 'b\0c']
  expect(refused({ command: { kind: 'program', program: 'echo', args } })).toThrow('Argument 2')
  expect(refused({ standardInput: { kind: 'file', path: '/\0' } })).toThrow('The path of the file')
  // What a shell cannot name other programs can, and whatever is sealed was looked at before.
  expect(
    refused({ environment: { 'a.b': '', Ü: null, X: { sealed: '' }, 'ProgramFiles(x86)': '=' } }),
  ).not.toThrow()
})
