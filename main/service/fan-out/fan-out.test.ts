import { writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RawValue } from '#contract/chunk/encode.ts'
import type { CommandSpec } from '#contract/run.ts'
import type { FanOut } from '#contract/template/fan-out.ts'
import { waitForRuns } from '../runs/wait-for-runs.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'
import { putResult, resultBytes } from '../results/result-fixture.ts'
import { serveFanOut } from './serve-fan-out.ts'

const context = { signal: new AbortController().signal, passengers: [] }
const base = { kind: 'command' as const, folder: '/', environment: {} }
const program = (...args: string[]): CommandSpec => ({
  ...base,
  command: { kind: 'program', program: '/usr/bin/printf', args },
})
const shell = (line: string): CommandSpec => ({ ...base, command: { kind: 'shell', line } })

async function open() {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const { runs: store, scheduler, vault } = service
  const resultPath = (id: number): string => join(folder, `result-${id}`)
  const handlers = serveFanOut({ store, scheduler, vault, resultPath })
  const asked = (command: CommandSpec, source: FanOut['source'], rest: Partial<FanOut> = {}): FanOut => ({
    ...{ command, source, parameters: null, values: {}, ...rest },
  })
  return {
    ...service,
    folder,
    asked,
    columns: async (run: number) => handlers['fanOut.columns']({ run }, context),
    preview: async (fan: FanOut) => handlers['fanOut.preview']({ ...fan, count: 3 }, context),
    /** Runs all, and gives the output of each. */
    async outputs(fan: FanOut): Promise<string[]> {
      const answer = await handlers['fanOut.run'](
        // The shell of POSIX, whatever the person has who runs the tests.
        {
          ...fan,
          onFailure: 'go-on',
          callerEnvironment: { PATH: process.env['PATH'] ?? '', SHELL: '/bin/sh' },
        },
        context,
      )
      if (!('runs' in answer)) throw new Error('unreachable')
      const { unfinished } = await waitForRuns(store, { ids: answer.runs, until: 'all' }, context.signal)
      expect(unfinished).toEqual([])
      return answer.runs.map((id) => readFileSync(service.attempt(id).output, 'utf8'))
    },
    putRows: (id: number, names: string[], rows: RawValue[][]) =>
      putResult(resultPath(id), resultBytes(names, [rows])),
  }
}

const HOSTILE = [
  ...[
    '',
    ' ',
    "it's",
    '"',
    '\\',
    '$(touch /tmp/x)',
    '`id`',
    '${HOME}',
    '$1',
    '{line}',
    '{{line}}',
    '%s %d',
    '-rf',
    '--',
  ],
  ...[
    'a\nb\n',
    '\r',
    '\t',
    '*',
    '~',
    '; exit 3',
    '&& false',
    '| cat',
    '#',
    '!!',
    '\u0001\u001b[31m',
    '😀 Ü 漢字',
    '\ufeff',
  ],
]

test('whatever a value contains reaches the command byte for byte, as one argument', async () => {
  const { outputs, asked } = await open()
  const letters = fc.constantFrom(...Array.from(`ab \n"'\\$\`(){};&|<>*?[]~#!=-%é漢😀`))
  const values = [
    ...HOSTILE,
    ...fc.sample(fc.string({ unit: letters, maxLength: 30 }), { numRuns: 20, seed: 4 }),
  ]
  const source = { kind: 'values' as const, name: 'line', values }
  expect(await outputs(asked(program('<%s>', '{line}'), source))).toEqual(values.map((each) => `<${each}>`))
  expect(await outputs(asked(shell('printf "<%s>" "$line" "${line}"'), source))).toEqual(
    values.map((each) => `<${each}><${each}>`),
  )
})

test('each line of a file is a run, without its end, and empty ones are passed over', async () => {
  const { outputs, asked, preview, folder } = await open()
  const path = join(folder, 'lines')
  const source = { kind: 'lines' as const, name: 'line', path }
  await writeFile(path, '\ufeffa b\r\n\n  c \nlast')
  // Where the command names nothing, it comes last.
  expect(await outputs(asked(program('<%s>'), source))).toEqual(['<a b>', '<  c >', '<last>'])
  await writeFile(path, 'a\n\0\n')
  await expect(preview(asked(program('%s'), source))).rejects.toThrow(
    'Line 2: "line" contains a zero byte (NUL)',
  )
  await writeFile(path, Buffer.from([0x61, 0x0a, 0xff]))
  await expect(preview(asked(program('%s'), source))).rejects.toThrow('Line 2 of')
  await writeFile(path, 'x'.repeat(200_000))
  await expect(preview(asked(program('%s'), source))).rejects.toThrow('longer than 128 kB')
  await writeFile(path, '\n\n')
  await expect(preview(asked(program('%s'), source))).rejects.toThrow('nothing to run the command for')
  await expect(preview(asked(program('%s'), { ...source, path: '/nowhere' }))).rejects.toThrow('ENOENT')
  await expect(preview(asked(program('%s'), { ...source, path: folder }))).rejects.toThrow(
    'no file whose lines',
  )
  const same = asked(shell('echo'), { ...source, kind: 'values', values: ['a'] })
  await expect(preview(same)).rejects.toThrow('Name what changes: "$line"')
})

test('each row of a result is a run, its columns are the parameters, and the first are shown before', async () => {
  const { outputs, asked, preview, columns, putRows } = await open()
  await putRows(
    7,
    ['ID', 'First name', 'x'],
    [
      [9007199254740993n, "O'Hara", new Uint8Array([1])],
      [-1n, null, new Uint8Array([2])],
      [3n, 'a "b"', null],
      [4n, 'd', null],
    ],
  )
  expect(await columns(7)).toEqual({ names: ['id', 'first_name', 'x'], total: 4 })
  await expect(columns(8)).rejects.toThrow('Run its query again')
  const source = { kind: 'result' as const, run: 7 }
  const fan = asked(program('%s-%s;', '{id}', '{first_name}'), source)
  expect(await preview(fan)).toMatchObject({
    total: 4,
    first: [{ command: { args: ['%s-%s;', '9007199254740993', "O'Hara"] } }, {}, {}],
  })
  expect(await outputs(fan)).toEqual(["9007199254740993-O'Hara;", '-1-;', '3-a "b";', '4-d;'])
  await expect(preview(asked(program('{x}'), source))).rejects.toThrow('Row 1, column "x" is a blob')
  await expect(preview(asked(program('x'), source))).rejects.toThrow(
    'Name what changes: {id}, {first_name}, {x}',
  )
  await expect(preview(asked(program('{id}'), { kind: 'result', run: 8 }))).rejects.toMatchObject({
    failure: { code: 'not-found' },
  })
})

test('a template gets what it has parameters for, and what is given is the same for all', async () => {
  const { outputs, asked, preview, putRows } = await open()
  await putRows(
    7,
    ['id', 'note'],
    [
      [1n, 'a'],
      [2n, 'b'],
    ],
  )
  const source = { kind: 'result' as const, run: 7 }
  const parameters = [
    { type: 'number' as const, name: 'id' },
    { type: 'text' as const, name: 'greeting' },
    { type: 'flag' as const, name: 'loud', on: '!', default: 'false' as const },
  ]
  const fan = asked(program('%s,', '{greeting}', '{id}', '{loud}'), source, { parameters, template: 'Greet' })
  await expect(preview(fan)).rejects.toThrow('Row 1: "greeting" has no value')
  expect(await outputs({ ...fan, values: { greeting: 'hi', loud: 'true' } })).toEqual(['hi,1,!,', 'hi,2,!,'])
  const other = { ...fan, parameters: [{ type: 'text' as const, name: 'other' }] }
  await expect(preview(other)).rejects.toThrow('none of these parameters: id, note. It has other')
})
