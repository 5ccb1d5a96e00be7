import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { launchRequest } from './launch-request.ts'
import { LAUNCHERS } from './launcher-fixture.ts'

const run = promisify(execFile)
const NATIVE = join(import.meta.dirname, 'native')
const COMMANDS = 200

test.skipIf(LAUNCHERS.length === 1)(
  'the native launcher does nothing undefined, whatever it is asked for and in whatever pieces',
  async () => {
    const folder = await temporaryFolder()
    const program = join(folder, 'launcher')
    const reports = join(folder, 'report')
    const sources = (await readdir(NATIVE)).filter((name) => name.endsWith('.c'))
    await run(process.env['CC'] ?? 'cc', [
      ...['-std=c11', '-D_GNU_SOURCE', '-g', '-O1', '-Wall', '-Wextra', '-Werror'],
      ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
      ...[...sources.map((name) => join(NATIVE, name)), '-o', program],
    ])
    const child = spawn(program, [], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A wrapper has no standard error: what is found stands in files.
      env: { PATH: process.env['PATH'], ASAN_OPTIONS: `log_path=${reports}:detect_leaks=0` },
    })
    onTestFinished(() => void child.kill('SIGKILL'))

    const requests = Array.from({ length: COMMANDS }, (_, id) => requestOf(folder, id))
    // Broken ones: nothing, no number, more arguments than there are, too few.
    for (const text of ['', '900', '901\0many', '902\0' + '9\0a\0b\0c\0d\0e', '903\0' + '4\0a\0b\0c\0d'])
      requests.push(sized(Buffer.from(text)))
    const all = Buffer.concat(requests)
    // Cut where no request ends.
    for (let from = 0; from < all.length; from += PIECE_BYTES)
      child.stdin.write(all.subarray(from, from + PIECE_BYTES))

    const ended = new Map<string, string>()
    for await (const line of createInterface(child.stdout)) {
      const [, id = '', how = ''] = /^(\d*) (?:ended )?(.*)$/.exec(line) ?? []
      if (!how.startsWith('started')) ended.set(id, ended.get(id) ?? how.replace(/ \d+$/, ''))
      if (ended.size === requests.length) child.stdin.end()
    }
    for (let id = 0; id < COMMANDS; id += 1)
      expect(ended.get(String(id))).toBe(EXPECTED[id % EXPECTED.length])
    for (const id of ['', '900', '901', '902', '903']) expect(ended.get(id)).toBe('gone')
    const left = (await readdir(folder)).filter((name) => name.startsWith('report'))
    expect(left.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([])
  },
)

/** A prime, so that requests are cut everywhere. */
const PIECE_BYTES = 50_021

/** What each kind of command says first of its end, without the last number. */
const EXPECTED = ['exit 7', 'signal 9', 'refused exec', 'refused chdir', 'refused input', 'exit 0', 'gone']

/** A request for a command in an attempt of its own, which ends as `EXPECTED` says. */
function requestOf(folder: string, id: number): Buffer {
  const attempt = join(folder, String(id))
  mkdirSync(attempt)
  const kind = id % EXPECTED.length
  const [chdir, input] = [kind === 3 ? '/none' : '/', kind === 4 ? 'file:/none' : 'nothing']
  if (kind === 5) symlinkSync('/dev/null', join(attempt, 'stdout'))
  if (kind === 6) writeFileSync(join(attempt, 'wrapper'), '')
  const lines = ['exit 7', 'kill -9 $$', '', '', '', 'cat', '']
  const command = kind === 2 ? ['/none'] : ['/bin/sh', '-c', lines[kind] ?? '']
  const words = [attempt, chdir, input, 'none', ...command]
  const environment = {
    PATH: process.env['PATH'],
    OFFLOOP_RUN: String(id),
    LONG: 'x'.repeat((id % 5) * 20_000),
  }
  return launchRequest(id, words, environment) ?? Buffer.alloc(0)
}

function sized(text: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text])
}
