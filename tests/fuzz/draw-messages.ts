import { join } from 'node:path'
import { appContract } from '#contract/app.ts'
import type { Contract } from '#contract/channel.ts'
import { serviceContract } from '#contract/service.ts'
import { MARK, type FuzzPlaces } from './fuzz-places.ts'
import { anything, hostile, type Draw } from './hostile-values.ts'
import type { Message, Recipe } from './recipe.ts'

const CONTRACTS: Readonly<Record<'app' | 'service', Contract>> = {
  app: appContract,
  service: serviceContract,
}
const METHODS = (['app', 'service'] as const).flatMap((role) =>
  Object.keys(CONTRACTS[role]).map((method) => ({ role, method })),
)
/** With values that are allowed they end Offloop, as they are meant to. */
const ENDING = new Set(['quit', 'app.quit', 'window.close'])
/** How likely it is that a value is of the wrong kind, one of these for each request. */
const WRONG = [0, 0, 0.03, 0.2, 1]
const RUNS = ['1', '2', '3', '5', '8', '13', '21', '0', '-1', '1.5', 'NaN', '9007199254740991']
/** Letters in the name of a method that the protocol allows. */
const MAX_METHOD = 100
const CALL_METHODS = ['__proto__', 'constructor', 'toString', '', 'info\0', 'run.nothing', 'a'.repeat(5_000)]

/** SQL that writes or reads files, or stops a host, by every door that SQLite has. Run only where all of it must be refused. */
function writingSql({ outside }: FuzzPlaces): readonly string[] {
  const file = join(outside, MARK)
  return [
    'DELETE FROM people',
    'DROP TABLE people',
    "UPDATE people SET name = 'nobody' RETURNING *",
    `ATTACH '${file}.db' AS more`,
    `ATTACH 'file:${file}.db?mode=rwc' AS more`,
    `VACUUM INTO '${file}.db'`,
    'VACUUM',
    'PRAGMA journal_mode = WAL',
    'PRAGMA user_version = 7',
    'PRAGMA writable_schema = ON',
    `SELECT writefile('${file}', 'x'), edit('x', 'touch ${file}')`,
    `SELECT load_extension('${file}')`,
    'REINDEX',
    'BEGIN EXCLUSIVE',
  ]
}

/** Draws messages for as long as it is asked; a chance of the same seed draws the same ones again. */
export function drawMessages(
  chance: () => number,
  places: FuzzPlaces,
  pids: readonly number[],
): () => Message {
  const { allowed, outside, mark, root } = places
  const inAllowed = join(allowed, 'people.db')
  const texts = [
    '', ' ', 'a', 'people', 'name', '\0', 'a\0b', '\u202egpj.exe', '\u2066\u2067', '\ud800', '\ufeff', 'é'.normalize('NFD'),
    'a\nb\rc', '\u001b]0;title\u0007', '\u001b[2J\u001b[6n', '%s%n%x', '{{a}}', '{a}', '__proto__', 'constructor',
    '-rf', '--no-sandbox', '--remote-debugging-port=9', 'NaN', '1e999', '0x10', 'null', '../../..', '..\\..', '/', '//', 'C:\\', '\\\\.\\pipe',
    'file:///etc/hostname', 'javascript:alert(1)', 'offloop://run/1', '<img src=x onerror=alert(1)>', '(a+)+$', '[', '\\',
    "'; DROP TABLE runs; --", '"; DELETE FROM runs; --', `$(touch ${mark})`, `\`touch ${mark}\``, `; touch ${mark}`, `| touch ${mark}`,
    `' ; touch ${mark} ; '`, `" ; touch ${mark} ; "`, `\n touch ${mark}\n`, `a".replace(/./g, () => 1)`, 'a'.repeat(5_000),
  ] // prettier-ignore
  const databases = [
    inAllowed, inAllowed, inAllowed, allowed, join(allowed, 'people.csv'), join(allowed, 'none', 'x.db'), '/nonexistent.db', `${MARK}.db`,
    `file:${MARK}.db?mode=rwc`, ':memory:', '', '\0', `${inAllowed}\0.db`, 'result:1', 'result:-1', 'result:1e9', 'history:', 'history:/etc',
    'postgres://u@127.0.0.1:1/x', 'postgres://u:secret@127.0.0.1:1/x', 'postgres://', 'postgres://u@[::1]:99999/x?sslmode=\0', 'a'.repeat(5_000),
  ] // prettier-ignore
  const readable = [
    join(allowed, 'people.csv'), inAllowed, allowed, '/nonexistent', '/etc/hostname', '', '\0', '.', '..', `${MARK}.csv`,
    join(outside, 'people.csv'), `${root}/allowed/../outside/people.csv`, 'https://127.0.0.1:1/', 'file:///etc/hostname',
  ] // prettier-ignore
  const written = [
    join(allowed, 'out.csv'), join(allowed, 'people.csv'), allowed, `${allowed}/`, join(allowed, '\u202egpj.exe'), join(allowed, 'no', 'where'),
    join(allowed, 'a'.repeat(300)), join(allowed, 'a\0b'), '/proc/none', '', '\0', '.', `${MARK}.csv`, `./${MARK}`,
  ] // prettier-ignore
  const guarded = [
    mark,
    join(outside, 'people.csv'),
    join(outside, 'people.db'),
    `${outside}/${MARK}\0`,
    `${MARK}.txt`,
  ]
  const sql = [
    'SELECT 1', 'SELECT * FROM people', 'SELECT', ';', ';;;', '', '\0', "SELECT '\0'", 'SELECT 1; SELECT 2', 'SELECT ?', 'SELECT :a, @b, $c, ?9',
    'INSERT INTO people(name) VALUES (1)', 'SELECT zeroblob(100000)', 'SELECT randomblob(9) FROM people', "SELECT '\u202e'", 'EXPLAIN SELECT 1', '/*',
    `SELECT ${'('.repeat(2_000)}1${')'.repeat(2_000)}`, `SELECT ${Array.from({ length: 500 }, () => '1').join()}`, "SELECT load_extension('x')",
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT * FROM n',
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
  ] // prettier-ignore
  const lines = [
    ':',
    'true',
    'echo $OFFLOOP_RUN',
    'printf %s "$a"',
    'true "$a" $a',
    'exit 3',
    '0 0 1 1 *',
    '\0',
    '\u202e',
    '"',
    '',
  ]
  const only = {
    line: lines,
    program: ['true', 'true', '/bin/true', '/nonexistent', '', '.', 'tr\0ue', '\u202e', 'a'.repeat(5_000)],
    folder: [allowed, allowed, root, '/nonexistent', join(allowed, 'people.csv'), '', '.', '\0', '~'],
    database: databases,
    address: databases,
    path: databases,
    sql,
    file: readable,
    to: written,
    name: ['a', 'a', 'b', ...texts],
    // So that what was paused does not stay so, and something goes on starting.
    how: ['resume', 'resume', 'resume', 'open', 'open', 'pause', 'close', 'terminate'],
  }
  const numbersFor = {
    id: RUNS, ids: RUNS, run: RUNS, attempt: RUNS, after: RUNS, before: RUNS, environmentOf: RUNS, derivedFrom: RUNS, session: RUNS,
    pid: ['0', '-1', '1', '2', '1.5', 'NaN', '4194304', '2147483648', '9007199254740993', ...pids.map(String)],
    // Not so many that the runs of one request outnumber all others.
    count: ['0', '1', '2', '3', '-1', '1.5', 'NaN', '100000001'],
    everyMs: ['-1', '0', 'NaN', '3600000', '1e15'],
  } // prettier-ignore

  function drawFor(method: string): Draw {
    const base: Draw = { chance, texts, only, numbersFor }
    if (/^(text|picture|output)\.save/.test(method)) return { ...base, only: { ...only, to: guarded } }
    if (method === 'transfer.run') return { ...base, only: { ...only, file: written } }
    if (/^(file\.|fanOut|command|batch|schedule|pipe|template)/.test(method))
      return { ...base, only: { ...only, path: readable } }
    return base
  }
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T
  const plain = (value: string): Recipe => ({ is: 'plain', value })

  /** What must be refused for what it does, though each of its values is allowed. */
  function attack(): { readonly method: string; readonly params: Recipe } {
    const database: readonly [string, Recipe] = ['database', plain(join(outside, 'people.db'))]
    const mode: readonly [string, Recipe] = ['mode', plain('read-only')]
    const text = plain(pick(writingSql(places)))
    const query = (kind: string): readonly (readonly [string, Recipe])[] => [
      ['kind', plain(kind)],
      database,
      ['sql', text],
    ]
    const object = (entries: readonly (readonly [string, Recipe])[]): Recipe => ({ is: 'object', entries })
    switch (Math.floor(chance() * 5)) {
      case 0:
        return {
          method: 'command.run',
          params: object([
            ['kind', plain('command')],
            [
              'command',
              pick([
                object([['kind', plain('shell')], ['line', plain('true "$a" $a')]]),
                object([['kind', plain('program')], ['program', plain('true')], ['args', { is: 'list', items: [plain(pick(texts))] }]]),
              ]),
            ],
            ['folder', plain(allowed)],
            ['environment', object([['a', plain(pick(texts))]])],
            ['standardInput', object([['kind', plain('text')], ['text', plain(pick(texts))]])],
          ]),
        } // prettier-ignore
      case 3:
        return { method: 'query.run', params: object([...query('query'), mode, ['rows', plain('none')]]) }
      case 1:
        return { method: 'query.explain', params: object(query('query')) }
      case 2:
        return {
          method: 'transfer.run',
          params: object([
            ['kind', plain('transfer')],
            [
              'transfer',
              object([
                ['kind', plain('export')],
                ['source', object(query('query'))],
                ['file', plain(join(allowed, 'of-attack.json'))],
                ['replace', { is: 'plain', value: true }],
                ['format', object([['kind', plain('json')]])],
              ]),
            ],
          ]),
        }
      default:
        return {
          method: 'fanOut.run',
          params: object([
            [
              'source',
              object([
                ['kind', plain('values')],
                ['name', plain('a')],
                ['values', { is: 'list', items: [plain(pick(texts)), plain(pick(texts))] }],
              ]),
            ],
            [
              'command',
              object([
                ['kind', plain('command')],
                [
                  'command',
                  object([
                    ['kind', plain('shell')],
                    ['line', plain('true "$a" $a')],
                  ]),
                ],
                ['folder', plain(allowed)],
                ['environment', object([])],
              ]),
            ],
            ['parameters', { is: 'plain', value: null }],
            ['values', object([])],
            ['onFailure', plain('go-on')],
          ]),
        }
    }
  }

  function within(): readonly Recipe[] {
    if (chance() > 0.05) return []
    const draw = drawFor('')
    return [
      pick<Recipe>([
        anything(draw),
        { is: 'object', entries: [['t', plain('credit')], ['n', { is: 'number', text: pick(['64', '65', '-1', 'NaN', '1e9']) }]] },
        { is: 'object', entries: [['t', plain('cancel')], ['reason', plain(pick(['cancelled', 'deadline', 'host-lost']))]] },
        { is: 'object', entries: [['t', plain('open')], ['method', plain('quit')]] },
        { is: 'object', entries: [['t', plain('end')], ['value', anything(draw)]] },
      ]),
    ] // prettier-ignore
  }

  return (): Message => {
    const { role, method } = pick(METHODS)
    const draw = drawFor(method)
    const ports = chance() < 0.03 ? Math.ceil(chance() * 3) : 0
    if (chance() < 0.04) return { kind: 'anything', role, value: anything(draw, 3), ports }
    const isOff = chance() < 0.03
    const credit: Recipe = isOff ? anything(draw) : { is: 'number', text: pick(['0', '1', '64']) }
    const around = { kind: 'request', credit, ports, within: within() } as const
    const request = (method: string, params: Recipe, role: 'app' | 'service'): Message => ({
      ...around,
      role,
      method: plain(method),
      params,
      keepsToProtocol:
        !isOff &&
        method.length <= MAX_METHOD &&
        !/"name":"(?:image|blob|file|matrix)"/.test(JSON.stringify(params)),
    })
    if (chance() < 0.02) return request(pick(CALL_METHODS), anything(draw), role)
    if (chance() < 0.06) {
      const attacked = attack()
      return request(attacked.method, attacked.params, 'service')
    }
    if (ENDING.has(method)) {
      const refused: readonly Recipe[] = [
        { is: 'nothing' },
        plain(pick(texts)),
        { is: 'list', items: [anything(draw)] },
      ]
      return request(method, pick(refused), role)
    }
    const schema = CONTRACTS[role][method]?.params
    if (!schema) throw new Error(`The contract has no "${method}".`)
    return request(method, hostile(schema, draw, pick(WRONG)), role)
  }
}
