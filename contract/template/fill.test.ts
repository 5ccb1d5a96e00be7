import { expect, test } from 'vitest'
import type { CommandSpec } from '../run.ts'
import { fill, templateTroubles } from './fill.ts'
import type { Parameter } from './parameter.ts'
import { unquotedIn } from './unquoted.ts'

const base = { kind: 'command' as const, folder: '/work', environment: {} }
const program = (...args: string[]): CommandSpec => ({
  ...base,
  command: { kind: 'program', program: 'tool', args },
})
const shell = (line: string): CommandSpec => ({ ...base, command: { kind: 'shell', line } })
const text = (name: string): Parameter => ({ type: 'text', name })
const flag = (name: string): Parameter => ({ type: 'flag', name, on: `--${name}`, default: 'false' })

function filled(command: CommandSpec, parameters: Parameter[], values: Record<string, string>): CommandSpec {
  const result = fill({ command, parameters }, values)
  if (!result.ok) throw new Error(JSON.stringify(result.bad))
  return result.command
}
function argsOf(command: CommandSpec): readonly string[] {
  if (command.command.kind !== 'program') throw new Error('unreachable')
  return command.command.args
}

test('a value stays within its argument, whatever it contains, and is never looked at again', () => {
  const command = program('{a}', '--x={a}{b}', '{{a}}', '{c}', '{}', '${a}', 'a')
  const values = { a: ' {b} $(x)\n', b: '"' }
  expect(argsOf(filled(command, [text('a'), text('b')], values))).toEqual([
    ' {b} $(x)\n',
    '--x= {b} $(x)\n"',
    '{a}',
    '{c}',
    '{}',
    '$ {b} $(x)\n',
    'a',
  ])
})

test('an argument that is nothing but a flag is left out while the flag is off', () => {
  const command = program('{deep}', 'x{deep}', '')
  expect(argsOf(filled(command, [flag('deep')], { deep: 'true' }))).toEqual(['--deep', 'x--deep', ''])
  expect(argsOf(filled(command, [flag('deep')], {}))).toEqual(['x', ''])
})

test('a line for the shell stays as it is written, and has the values as variables', () => {
  const line = 'convert "$input" -size "${size}"'
  const parameters: Parameter[] = [
    text('input'),
    { type: 'number', name: 'size', default: '12' },
    { type: 'secret', name: 'pin' },
  ]
  const command = filled({ ...shell(line), environment: { A: '{size}' } }, parameters, {
    input: '$(rm -rf ~)',
    pin: '1234',
  })
  expect(command.command).toEqual({ kind: 'shell', line })
  expect(command.environment).toEqual({
    A: '12',
    input: '$(rm -rf ~)',
    size: '12',
    pin: { secret: '1234' },
  })
})

test('folder, standard input and environment are filled, and what has a secret in it is one', () => {
  const spec: CommandSpec = {
    ...program('x'),
    folder: '/data/{day}',
    environment: {
      URL: 'http://{user}:{code}@host',
      DAY: '{day}',
      S: { secret: '{day}' },
      K: { sealed: '' },
      N: null,
    },
    standardInput: { kind: 'file', path: '/in/{day}' },
  }
  const parameters: Parameter[] = [text('day'), text('user'), { type: 'secret', name: 'code' }]
  const values = { day: 'mon', user: 'ann', code: 'c' }
  expect(fill({ command: spec, parameters }, values, 'Daily')).toEqual({
    ok: true,
    command: {
      ...spec,
      folder: '/data/mon',
      standardInput: { kind: 'file', path: '/in/mon' },
      environment: {
        URL: { secret: 'http://ann:c@host' },
        DAY: 'mon',
        S: { secret: 'mon' },
        K: { sealed: '' },
        N: null,
        code: { secret: 'c' },
      },
      template: { name: 'Daily', values: { day: 'mon', user: 'ann', code: { secret: 'c' } } },
    },
  })
  const typed = filled({ ...spec, standardInput: { kind: 'text', text: 'a {day}' } }, parameters, values)
  expect(typed.standardInput).toEqual({ kind: 'text', text: 'a mon' })
})

test('values are refused that their parameters cannot have', () => {
  const parameters: Parameter[] = [
    text('t'),
    { type: 'number', name: 'n', default: '' },
    { type: 'file', name: 'f' },
    { type: 'choice', name: 'c', choices: ['a', 'b'], default: 'b' },
    flag('g'),
    { type: 'secret', name: 's' },
  ]
  const bad = (values: Record<string, string>) => {
    const result = fill({ command: program(), parameters }, { t: 'x', f: '/f', s: 'x', ...values })
    return result.ok ? [] : result.bad.map(({ parameter, trouble }) => `${parameter} ${trouble}`)
  }
  expect(bad({})).toEqual([])
  expect(bad({ n: '-1.5e3', c: 'a', g: 'true', f: 'C:\\x', t: '' })).toEqual([])
  expect(bad({ n: '1 2', c: 'x', g: 'yes', f: 'here/x', t: '\0', s: '', zz: '1' })).toEqual([
    'zz unknown',
    't zero-byte',
    'n not-a-number',
    'f not-absolute',
    'c not-a-choice',
    'g not-a-flag',
    's missing',
  ])
  expect(fill({ command: program(), parameters: [text('constructor')] }, {})).toEqual({
    ok: false,
    bad: [{ parameter: 'constructor', trouble: 'missing' }],
  })
})

test('a template says what could not work in it', () => {
  const troubles = (command: CommandSpec, ...parameters: Parameter[]) =>
    templateTroubles({ command, parameters }).map(({ kind, parameter }) => `${kind} ${parameter}`)
  expect(troubles(program('{a}', '{b}'), text('a'), text('b'))).toEqual([])
  expect(troubles(program(), text('a'), text('a'))).toEqual(['twice a'])
  expect(troubles(program(), { type: 'number', name: 'a', default: 'x' })).toEqual(['bad-default a'])
  expect(troubles(program('--key={a}'), { type: 'secret', name: 'a' })).toEqual(['secret-in-plain a'])
  const inVariable = { ...program(), environment: { KEY: '{a}' } }
  expect(troubles(inVariable, { type: 'secret', name: 'a' })).toEqual([])
  expect(troubles(shell('echo {a}'), text('a'))).toEqual(['braces-in-line a'])
  expect(troubles(shell('echo "${a}"'), text('a'))).toEqual([])
  expect(troubles(shell('echo "$path"'), text('path'))).toEqual(['shells-own path'])
  expect(troubles(program('{path}'), text('path'))).toEqual([])
})

test('variables outside of quotes are found, where the shell would split them', () => {
  const names = new Set(['a', 'b'])
  const found = (line: string) => unquotedIn(line, names).join('')
  for (const line of [
    'x "$a" "${b}"',
    'c=$a; x',
    `x '$a'`,
    'x \\$a',
    'x "$(y "$a")"',
    'x "`y`$a"',
    'x ${a:+"$a"}',
    'x # $a',
    'x $abc $(y)',
    'cat <<E\n$a\nE',
  ])
    expect(found(line), line).toBe('')
  for (const line of ['x $a', 'x "q"$a', 'x "$(y $a)"', 'x `y $a`', 'x c$a', 'x ${a}.txt', '(x "$b") $a'])
    expect(found(line), line).toBe('a')
  expect(found('x $b $a')).toBe('ba')
})
