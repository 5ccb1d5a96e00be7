import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { expect, test } from 'playwright/test'
import { ended, openCommandLine, type CommandLine } from './offloop.ts'

let offloop: CommandLine
test.beforeAll(async () => {
  offloop = await openCommandLine()
})
test.afterAll(() => offloop.close())

interface Shown {
  readonly id: number
  readonly state: string
  readonly exitCode: number | null
  readonly pid: number | null
  readonly reasons: { readonly kind: string; readonly run?: number; readonly lock?: string }[]
  readonly attempts?: { readonly number: number; readonly state: string; readonly exitCode: number | null }[]
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** Runs a command line that must succeed. */
async function done(...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await offloop.run(words)
  expect(status, `${words.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}
const shell = (line: string): string[] => ['--', 'sh', '-c', line]
const add = async (...words: string[]): Promise<number> => Number(await done('run', ...words))
const show = async (id: number): Promise<Shown> =>
  JSON.parse(await done('show', String(id), '--json')) as Shown

test('a command is run with the folder and the environment of the shell that asked, and shown with its end', async () => {
  const made = JSON.parse(await done('run', '--json', ...shell('pwd; echo "$CALLER"; exit 3'))) as Shown
  const { status } = await offloop.run(['wait', String(made.id)])
  expect(status).toBe(1)
  const run = await show(made.id)
  expect(run).toMatchObject({
    id: made.id,
    state: 'failed',
    exitCode: 3,
    reasons: [],
    attempts: [{ number: 1, state: 'failed', exitCode: 3 }],
  })
  expect(run.endedAt ?? 0).toBeGreaterThanOrEqual(run.startedAt ?? Infinity)
  expect(await done('log', String(made.id))).toBe(`${offloop.folder}\n\n`)

  const child = offloop.start(['run', '--wait', ...shell('echo "$CALLER$SERVICE"')], { CALLER: 'here' })
  expect(await ended(child)).toEqual({ status: 0, stdout: 'here\n', stderr: '' })
  // The environment of a caller is nobody else's business: not in what is shown.
  expect(await done('history', '--json')).not.toContain('CALLER=')
})

test('values that look secret are not shown', async () => {
  const made = await offloop.run([
    ...['run', '--env', 'API_TOKEN=hunter2', '--env', 'COLOUR=red', ...shell('echo $API_TOKEN')],
  ])
  // No machine that runs tests has a keychain for them.
  expect(made.stderr).toMatch(/its secrets are (only obscured|kept until Offloop ends)/)
  const id = Number(made.stdout)
  await done('wait', String(id))
  expect(await done('log', String(id))).toBe('hunter2\n')
  for (const shown of [await done('show', String(id), '--json'), await done('history', '--json')]) {
    expect(shown).not.toContain('hunter2')
    expect(shown).toContain('red')
  }
})

test('a command reads a text, a file or this standard input, and what is sent to it later', async () => {
  expect(await done('run', '--wait', '--stdin-text', 'a text', '--', 'cat')).toBe('a text')
  const missing = await offloop.run(['run', '--stdin-file', 'missing', '--', 'cat'])
  expect([missing.status, missing.stderr]).toEqual([127, expect.stringContaining('is not there. Choose')])
  const both = await offloop.run(['run', '--stdin-text', 'x', '--stdin-file', 'y', '--', 'cat'])
  expect([both.status, both.stderr]).toEqual([2, expect.stringContaining('A command reads one thing')])

  // More than a pipe holds, and a line of it at a time.
  const text = `${'x'.repeat(99)}\n`.repeat(10_000)
  const piped = await offloop.run(['run', '--stdin', '--wait', '--', 'cksum'], text)
  expect(piped.stdout).toMatch(/ 1000000\n$/)
  expect((await offloop.run(['run', '--stdin', '--wait', '--', 'head', '-c', '3'], text)).stdout).toBe('xxx')

  const id = await add('--stdin', ...shell('while read -r x; do echo "got $x"; done'))
  await done('wait', String(id))
  const typed = await add('--pty', ...shell('test -t 0 && read -r x && echo "got $x"; cat; echo over'))
  await done('send', String(typed), 'a line', 'of words')
  await done('send', String(typed), '--close')
  await done('wait', String(typed))
  expect(await done('log', String(typed))).toMatch(/got a line of words\r\n[^]*over\r\n$/)
  const late = await offloop.run(['send', String(typed), 'more'])
  expect([late.status, late.stderr]).toEqual([1, expect.stringContaining('has ended')])
  expect((await offloop.run(['send', String(typed)])).status).toBe(2)
})

test('with --pty and --wait a terminal is the command’s own until that ends, Ctrl-C included', async () => {
  test.skip(process.platform !== 'linux', 'needs script(1) of util-linux, which makes the terminal')
  const line =
    'read a; echo "got $a"; trap "echo interrupted; exit 7" INT; echo ready; while :; do sleep 0.1; done'
  const words = ['run', '--pty', '--wait', ...shell(line)].map((word) => `'${word}'`).join(' ')
  const child = offloop.terminal(words)
  let shown = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (shown += text))
  child.stdin?.write('hello\r')
  await expect.poll(() => shown).toContain('got hello')
  await expect.poll(() => shown).toContain('ready')
  child.stdin?.write('\u0003')
  const [status] = (await once(child, 'exit')) as [number]
  expect(shown).toContain('interrupted')
  expect(status).toBe(7)
})

test('with --wait the output streams as it is, and the exit status is the command’s own', async () => {
  const child = offloop.start(['run', '--wait', ...shell('printf one; exec sleep 100')])
  if (!child.stdout) throw new Error('There is no output.')
  const closed = once(child, 'close')
  const [first] = (await once(child.stdout, 'data')) as Buffer[]
  expect(String(first)).toBe('one')
  child.kill('SIGINT')
  await closed
  expect(child.exitCode).toBe(130)

  const whole = offloop.start(['run', '--wait', ...shell('printf "a\\377b"; exit 7')])
  const bytes: Buffer[] = []
  whole.stdout?.on('data', (chunk: Buffer) => bytes.push(chunk))
  await once(whole, 'close')
  expect([whole.exitCode, Buffer.concat(bytes).toString('latin1')]).toEqual([7, 'a\xffb'])

  const missing = await offloop.run(['run', '--wait', '--', 'no-such-program'])
  expect([missing.status, missing.stderr.includes('no-such-program')]).toEqual([127, true])
  const killed = await offloop.run(['run', '--wait', ...shell('kill -9 $$')])
  expect(killed.status).toBe(137)
  const late = await offloop.run(['run', '--wait', '--timeout', '300ms', '--', 'sleep', '100'])
  expect(late.status).toBe(124)
  expect(await offloop.run(['run', '--wait', ...shell('echo --help')])).toMatchObject({ stdout: '--help\n' })
})

test('a pool runs so many at once, shows why the others wait, and starts the most important first', async () => {
  await done('pool', 'add', 'two', '--concurrency', '2')
  const held = [
    await add('--pool', 'two', '--', 'sleep', '100'),
    await add('--pool', 'two', '--', 'sleep', '100'),
  ]
  const order = offloop.at('order')
  const low = await add('--pool', 'two', ...shell(`echo low >> ${order}`))
  const high = await add('--pool', 'two', '--priority', '5', ...shell(`echo high >> ${order}`))
  expect(await show(low)).toMatchObject({
    state: 'queued',
    reasons: [{ kind: 'pool-full', pool: 'two', limit: 2 }],
  })
  expect(await done('ls')).toMatch(/two +queued: pool two runs 2 /)
  const pools = (await done('pool', '--json')).trim().split('\n')
  expect(JSON.parse(pools.find((line) => line.includes('"two"')) ?? '')).toMatchObject({
    running: 2,
    queued: 2,
  })
  await done('edit', String(low), '--priority', '1')
  await done('pool', 'set', 'two', '--concurrency', '1')
  await done('cancel', ...held.map(String))
  await done('wait', String(low), String(high))
  expect(await done('run', '--wait', '--', 'cat', order)).toBe('high\nlow\n')

  expect((await offloop.run(['pool', 'add', 'none', '--concurrency', '0'])).stderr).toContain('at least 1')
  expect((await offloop.run(['pool', 'join', 'two'])).stderr).toContain('is not closed')
  await done('pool', 'close', 'two')
  await done('pool', 'join', 'two')
  const refused = await offloop.run(['run', '--pool', 'two', '--', 'true'])
  expect([refused.status, refused.stderr.includes('The pool is closed')]).toEqual([1, true])
})

test('a full pool refuses, or lets in later, as asked', async () => {
  await done('pool', 'add', 'small', '--concurrency', '1', '--capacity', '1')
  const running = await add('--pool', 'small', '--', 'sleep', '100')
  const waiting = await add('--pool', 'small', '--', 'true')
  const refused = await offloop.run(['run', '--pool', 'small', '--when-full', 'refuse', '--', 'true'])
  expect([refused.status, refused.stderr.includes('queue-full')]).toEqual([1, true])
  const late = await offloop.run(['run', '--pool', 'small', '--room-within', '100ms', '--', 'true'])
  expect(late.stderr).toContain('queue-full')
  const patient = ended(offloop.start(['run', '--pool', 'small', '--', 'true']))
  await done('kill', String(running))
  const { stdout } = await patient
  await done('wait', String(waiting), stdout.trim())
})

test('runs come after others, share locks, are retried, and can be restarted', async () => {
  const first = await add('--hold', ...shell('exit 1'))
  const after = await add('--after', String(first), '--', 'true')
  const instead = await add('--after-failure', String(first), '--', 'true')
  expect((await show(after)).reasons).toEqual([{ kind: 'after', run: first, on: 'success' }])
  const cycle = await offloop.run(['edit', String(first), '--after', String(after)])
  expect(cycle.stderr).toContain('cannot come after itself')
  await done('resume', String(first))
  const waited = await offloop.run(['wait', String(after), String(instead), '--json'])
  expect(waited.status).toBe(1)
  expect([(await show(after)).state, (await show(instead)).state]).toEqual(['dependency-failed', 'done'])
  expect((await offloop.run(['run', '--after', '999999', '--', 'true'])).stderr).toContain('not-found')

  const holder = await add('--lock', 'l', '--', 'sleep', '100')
  const next = await add('--lock', 'l', '--', 'true')
  expect((await show(next)).reasons).toEqual([{ kind: 'lock', lock: 'l', run: holder, holds: true }])
  await done('kill', String(holder))
  await done('wait', String(next))

  const flag = offloop.at('flag')
  const retried = await add(
    '--retries',
    '3',
    '--retry-delay',
    '10ms',
    ...shell(`test -e ${flag} || { touch ${flag}; echo one; exit 75; }; echo two`),
  )
  await done('wait', String(retried))
  expect((await show(retried)).attempts).toMatchObject([
    { number: 1, state: 'failed', exitCode: 75 },
    { number: 2, state: 'done', exitCode: 0 },
  ])
  expect(await done('log', String(retried))).toBe('two\n')
  expect(await done('log', String(retried), '--attempt', '1')).toBe('one\n')

  expect(Number(await done('restart', String(retried)))).toBe(retried)
  await done('wait', String(retried))
  expect((await show(retried)).attempts).toHaveLength(3)
  const anew = Number(await done('restart', '--new', String(retried)))
  expect(anew).toBeGreaterThan(retried)
  await done('wait', String(anew))
  const alive = await add('--', 'sleep', '100')
  expect((await offloop.run(['restart', String(alive)])).stderr).toContain('has not ended')
  await done('pause', String(alive))
  expect((await show(alive)).state).toBe('paused')
  await done('resume', String(alive))
  expect((await show(alive)).state).toBe('running')
  await done('cancel', String(alive))
  await done('delete', String(alive))
  expect((await offloop.run(['show', String(alive)])).stderr).toContain('not-found')
})

test('waiting ends with what was waited for, or at the deadline, and cancels only when asked', async () => {
  const quick = await add('--', 'true')
  const slow = await add('--', 'sleep', '100')
  const both = [String(quick), String(slow)]
  const late = await offloop.run(['wait', ...both, '--timeout', '200ms', '--json'])
  expect(late.status).toBe(124)
  const answer = JSON.parse(late.stdout) as { finished: Shown[]; unfinished: Shown[] }
  expect([answer.finished.map(({ id }) => id), answer.unfinished.map(({ id }) => id)]).toEqual([
    [quick],
    [slow],
  ])
  expect((await show(slow)).state).toBe('running')
  expect((await offloop.run(['wait', ...both, '--any'])).status).toBe(0)
  const failing = await add('--', 'false')
  const stopped = await offloop.run(['wait', ...both, String(failing), '--first-failure', '--cancel-rest'])
  expect(stopped.status).toBe(1)
  expect((await show(slow)).state).toBe('cancelled')
  expect((await offloop.run(['wait'])).status).toBe(2)
})

test('the last lines of an output are shown, and followed while it grows', async () => {
  const id = await add(...shell('seq 1 5; exec sleep 100'))
  await expect.poll(() => done('log', String(id))).toBe('1\n2\n3\n4\n5\n')
  const follow = offloop.start(['log', String(id), '-f', '--lines', '2'])
  if (!follow.stdout) throw new Error('There is no output.')
  const lines = createInterface({ input: follow.stdout })[Symbol.asyncIterator]()
  expect([(await lines.next()).value, (await lines.next()).value]).toEqual(['4', '5'])
  await done('cancel', String(id))
  expect((await lines.next()).done).toBe(true)
  const whole = await add(...shell('seq 1 5'))
  await done('wait', String(whole))
  expect(await done('log', String(whole), '--lines', '2')).toBe('4\n5\n')
})

test('standard error is told apart where that is asked for', async () => {
  const line = 'echo one; sleep 0.1; echo wrong >&2; sleep 0.1; echo two'
  const both = await offloop.run(['run', '--wait', '--separate-stderr', ...shell(line)])
  expect([both.stdout, both.stderr, both.status]).toEqual(['one\ntwo\n', 'wrong\n', 0])
  const id = await add('--separate-stderr', ...shell(line))
  await done('wait', String(id))
  expect(await done('log', String(id))).toBe('one\nwrong\ntwo\n')
  expect(await done('log', String(id), '--stderr')).toBe('wrong\n')
  expect(await done('log', String(id), '--stdout', '--lines', '2')).toBe('one\ntwo\n')
  expect(await done('log', String(id), '--stderr', '--timestamps')).toMatch(
    /^(<=)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z wrong\n$/,
  )
  const mixed = await add(...shell(line))
  await done('wait', String(mixed))
  const refused = await offloop.run(['log', String(mixed), '--stdout'])
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('[not-found]')
})

test('how two outputs differ is written as diff -u writes it', async () => {
  const one = await add(...shell('seq 1 20'))
  const other = await add(...shell('seq 1 20 | sed -e s/^9$/nine/ -e 20d'))
  await done('wait', String(one), String(other))
  const different = await offloop.run(['diff', String(one), String(other), '--context', '1'])
  expect([different.status, different.stdout]).toEqual([
    1,
    `--- run ${one}\n+++ run ${other}\n@@ -8,3 +8,3 @@\n 8\n-9\n+nine\n 10\n@@ -19,2 +19 @@\n 19\n-20\n`,
  ])
  expect((await offloop.run(['diff', String(one), String(one)])).status).toBe(0)
})

test('a schedule runs its command again and again, until it is removed', async () => {
  const made = JSON.parse(
    await done('schedule', 'add', '--every', '1s', '--json', ...shell('echo again')),
  ) as { id: number; nextAt: number }
  await expect
    .poll(async () => (await done('history', '--limit', '3')).match(/done .*echo again/g)?.length ?? 0, {
      timeout: 30_000,
    })
    .toBeGreaterThan(1)
  await done('schedule', 'remove', String(made.id))
  const wrong = await offloop.run(['schedule', 'add', '--cron', '61 * * * *', '--', 'true'])
  expect([wrong.status, wrong.stderr.includes('no line of a crontab')]).toEqual([1, true])
  await done('schedule', 'add', '--cron', '0 3 * * *', '--zone', 'Europe/Berlin', '--', 'true')
  expect(await done('schedule')).toContain('0 3 * * * (Europe/Berlin)')
})

test('commands, a query and a table are joined by pipes, and the status tells as in a shell', async () => {
  const counted = await offloop.run([
    'pipe',
    '--wait',
    '--',
    'seq',
    '1',
    '1000000',
    '--into',
    '--',
    'sha256sum',
  ])
  expect(counted).toMatchObject({
    status: 0,
    stdout: '90433fcbd9e16297e6a7c1dacb1056394743194776e52f78ebf0a44b80b6b14f  -\n',
  })
  const early = await offloop.run(['pipe', '--wait', '--', 'yes', '--into', '--', 'head', '-n', '1'])
  expect(early).toEqual({ status: 0, stdout: 'y\n', stderr: '' })
  const fails = await offloop.run(['pipe', '--wait', ...shell('echo 1; exit 3'), '--into', '--', 'cat'])
  expect(fails).toMatchObject({ status: 3, stdout: '1\n' })

  const database = offloop.make('piped.db', 'CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (3, 4)')
  const rows = ['pipe', '--wait', '--query', database, 'SELECT * FROM t', '--into', ...shell('sed s/4/5/')]
  expect((await offloop.run(rows)).stdout).toBe('a,b\n1,2\n3,5\n')
  const loaded = [...rows.slice(0, 2), '--into-table', database, 'copied', ...rows.slice(2)]
  expect((await offloop.run(loaded)).status).toBe(0)
  expect(await done('query', database, 'SELECT sum(b) FROM copied', '--format', 'csv')).toContain('7')

  const { pipes, runs } = JSON.parse(
    await done('pipe', '--json', '--', 'yes', '--into', '--', 'sleep', '100'),
  ) as { pipes: { id: number }[]; runs: Shown[] }
  const pipe = String(pipes[0]?.id)
  await expect
    .poll(() => done('pipe', '--show', pipe), { timeout: 10_000 })
    .toBe(`pipe ${pipe}: 1048576 of 1048576 bytes, full: run ${runs[0]?.id} waits for room\n`)
  await done('cancel', String(runs[1]?.id))
  expect((await offloop.run(['wait', ...runs.map(({ id }) => String(id))])).status).toBe(1)
  expect(await done('pipe', '--show', pipe)).toContain('before it had read everything')
  const refused = await offloop.run(['pipe', '--', 'ls', '--into', '--', 'cat', '--and', '--', 'cat'])
  expect([refused.status, refused.stderr.includes('share')]).toEqual([1, true])
})

test('a template is kept, and run with values that stay within their arguments', async () => {
  const hostile = ` "it's" $(id) {name}\n-x 😀`
  const parameters = ['name', 'count:number=2', 'loud:flag(--loud)', 'pin:secret'].flatMap((each) => [
    '--parameter',
    each,
  ])
  await done(
    'template',
    'save',
    'Say',
    ...parameters,
    '--pool',
    'default',
    '--',
    ...['printf', '<%s>'],
    '{name}',
    '{loud}',
    'n={count}',
  )
  const values = ['--param', `name=${hostile}`, '--param', 'loud']
  const started = offloop.start(['run', '--template', 'Say', ...values, '--secret-param', 'pin'], {
    pin: 'hunter2',
  })
  const id = Number((await ended(started)).stdout)
  await done('wait', String(id))
  expect(await done('log', String(id))).toBe(`<${hostile}><--loud><n=2>`)
  const shown = await done('show', String(id))
  expect(shown).toContain('Say')
  expect(shown).not.toContain('hunter2')

  // In a line for the shell values are variables, and never read as commands.
  await done('template', 'save', 'Line', '--parameter', 'name', '--shell', '--', 'printf "<%s>" "$name"')
  expect(await done('run', '--wait', '--template', 'Line', '--param', `name=${hostile}`)).toBe(`<${hostile}>`)
  const loose = await offloop.run([
    'template',
    'save',
    'Loose',
    '--parameter',
    'a',
    '--shell',
    '--',
    'echo $a',
  ])
  expect(loose).toMatchObject({ status: 0, stderr: expect.stringContaining('$a has no quotes') })

  for (const [words, message] of [
    [['run', '--template', 'Say'], '"name" has no value. Give one. "pin" has no value'],
    [['run', '--template', 'Say', '--param', 'count=x', '--param', 'nope=1'], 'no parameter "nope"'],
    [['run', '--template', 'Nope'], 'no template "Nope"'],
    [['template', 'save', 'Line', '--', 'true'], 'already'],
    [['template', 'save', 'B', '--parameter', 'a', '--shell', '--', 'echo {a}'], '"$a", with its quotes'],
    [['template', 'save', 'B', '--parameter', 'a:secret', '--', 'x', '{a}'], 'is secret'],
  ] as const) {
    const refused = await offloop.run([...words])
    expect(refused.stderr, words.join(' ')).toContain(message)
    expect(refused.status).toBe(1)
  }
  expect((await offloop.run(['run', '--param', 'a=1', '--', 'true'])).status).toBe(2)

  // Once for each line, value or row: each is one argument, and all are one batch.
  await writeFile(offloop.at('lines'), `${hostile.replace('\n', ' ')}\nb\n`)
  const each = async (...words: string[]): Promise<string[]> => {
    const ids = (await done('run', '--wait', ...words)).trim().split('\n')
    return Promise.all(ids.map((one) => done('log', one)))
  }
  const lines = [`<${hostile.replace('\n', ' ')}>`, '<b>']
  expect(await each('--for-each-line', 'lines', '--', 'printf', '<%s>')).toEqual(lines)
  expect(await each('--for-each-line', 'lines', '--template', 'Line')).toEqual(lines)
  expect(await each('--for-each=-x', '--shell', '--', 'printf "%s" "$line"')).toEqual(['-x'])
  const database = offloop.make(
    'each.db',
    `CREATE TABLE t (id, n); INSERT INTO t VALUES (1, 'a'), (2, 'it''s')`,
  )
  const rows = ['--for-each-row', database, 'SELECT * FROM t', '--', 'printf', '%s', '{id}: {n}']
  expect(await each(...rows)).toEqual(['1: a', "2: it's"])
  const dry = ['run', '--dry-run', '--for-each', 'a b', '--shell', '--', 'echo "$line"']
  expect(await done(...dry)).toBe(`line='a b' echo "$line"\n`)
  expect(await done('run', '--dry-run', ...rows)).toBe(`printf %s '1: a'\nprintf %s '2: it'\\''s'\n`)
  const failing = await offloop.run(['run', '--wait', '--for-each-line', '-', '--', 'false'], 'a\nb\n')
  expect(failing).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('2 of 2 did not end well'),
  })
  expect((await offloop.run(['run', '--for-each', 'a', '--for-each-line', '-', '--', 'x'])).status).toBe(2)

  // What is written can be read back, here or elsewhere.
  await done('template', 'rename', 'Loose', 'Tight')
  await writeFile(offloop.at('say.json'), await done('template', 'show', 'Say', '--json'))
  await done('template', 'save', 'Say again', '--from', 'say.json')
  await done('template', 'delete', 'Tight')
  expect((await done('template')).split('\n').map((row) => row.split('  ')[0])).toEqual([
    ...['template', 'Line', 'Say', 'Say again', ''],
  ])
})
