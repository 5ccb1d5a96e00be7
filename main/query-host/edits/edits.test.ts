import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppliedEdits, Edit } from '#contract/edits.ts'
import { failureOf, openTestHost, type TestHost } from '../host-fixture.ts'

let host: TestHost
let path: string
beforeEach(async () => {
  host = await openTestHost()
})
afterEach(() => host.close())

async function open(sql: string): Promise<void> {
  path = host.make('a.db', sql)
  await host.client.call('open', { path, mode: 'read-write' })
}

/** Every row as the bytes and types that are stored. */
function contents(table: string, columns: readonly string[]): unknown[] {
  const database = new Database(path, { readonly: true })
  try {
    const cells = columns.map((column) => `typeof(${column}) || ':' || quote(${column})`)
    return database
      .prepare(`SELECT ${cells.join(', ')} FROM ${table}`)
      .raw()
      .all()
  } finally {
    database.close()
  }
}

/** Changes the database over another connection. */
function elsewhere(sql: string): void {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

const plan = (table: string, edits: Edit[]) => host.client.call('edits.plan', { table, edits })
async function apply(table: string, edits: Edit[]): Promise<AppliedEdits> {
  const applied = await host.client.call('edits.make', { table, edits })
  await host.client.call('edits.commit', {})
  return applied
}

describe('a plan', () => {
  it('shows what becomes of each row, the statements with parameters, and one text with the values', async () => {
    await open(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'it''s'), (2, 'two')`,
    )
    const edits: Edit[] = [
      { kind: 'update', key: { id: 1 }, original: { a: "it's" }, changes: { a: { blob: '00FF' } } },
      { kind: 'insert', values: { a: 'new' } },
      { kind: 'delete', key: { id: 2 }, original: { a: 'two' } },
    ]
    const planned = await plan('t', edits)
    expect(planned.diff).toEqual([
      {
        kind: 'update',
        key: { id: 1 },
        cells: [{ column: 'a', before: "it's", after: { blob: '00FF' }, converted: false }],
      },
      { kind: 'insert', key: null, cells: [{ column: 'a', after: 'new', converted: false }] },
      {
        kind: 'delete',
        key: { id: 2 },
        cells: [
          { column: 'id', before: 2, converted: false },
          { column: 'a', before: 'two', converted: false },
        ],
      },
    ])
    expect(planned.statements[1]).toEqual({ sql: 'INSERT INTO main."t" ("a") VALUES (?)', params: ['new'] })
    expect(planned.statements[0]?.params).toEqual([{ blob: '00FF' }, 1, 1, "it's"])
    elsewhere(planned.sql)
    expect(contents('t', ['id', 'a'])).toEqual(
      [
        ['integer:1', "blob:X'00FF'"],
        ['integer:2', "text:'new'"],
      ]
        .slice(0, 1)
        .concat([['integer:3', "text:'new'"]]),
    )
  })

  it('changes nothing', async () => {
    await open(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)`)
    await plan('t', [{ kind: 'delete', key: { id: 1 }, original: {} }])
    expect(contents('t', ['id'])).toEqual([['integer:1']])
  })

  it('says what a column makes of a value before it is written', async () => {
    await open('CREATE TABLE t (i INTEGER, r REAL, x TEXT, n DECIMAL(5), b)')
    const [diff] = (
      await plan('t', [{ kind: 'insert', values: { i: '1', r: 1, x: 2, n: { real: 1 }, b: '1' } }])
    ).diff
    expect(diff?.cells.map(({ column, after, converted }) => [column, after, converted])).toEqual([
      ['i', { integer: '1' }, true],
      ['r', { real: 1 }, true],
      ['x', '2', true],
      ['n', { integer: '1' }, true],
      ['b', '1', false],
    ])
    await apply('t', [{ kind: 'insert', values: { i: '1', r: 1, x: 2, n: { real: 1 }, b: '1' } }])
    expect(contents('t', ['i', 'r', 'x', 'n', 'b'])).toEqual([
      ['integer:1', 'real:1.0', "text:'2'", 'integer:1', "text:'1'"],
    ])
  })

  it.each([
    ['a view', 'v', 'is a view'],
    ['a view with triggers', 'w', 'is a view'],
    ['a virtual table', 'f', 'is a virtual table'],
    ['a part of a virtual table', 'f_content', 'belongs to a virtual table'],
    ["SQLite's own table", 'sqlite_schema', "SQLite's own"],
    ['a table that is gone', 'gone', 'There is no table'],
  ])('is refused for %s', async (_what, table, message) => {
    await open(`CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM t;
      CREATE TRIGGER wi INSTEAD OF INSERT ON w BEGIN INSERT INTO t VALUES (new.a); END;
      CREATE VIRTUAL TABLE f USING fts5(a)`)
    const failure = await failureOf(plan(table, [{ kind: 'insert', values: { a: 1 } }]))
    expect(failure.message).toContain(message)
  })

  it.each<[string, Edit, string]>([
    ['an unknown column', { kind: 'insert', values: { z: 1 } }, 'has no column z'],
    ['a generated column', { kind: 'insert', values: { g: 1 } }, 'g is computed'],
    [
      'half a key',
      { kind: 'delete', key: { a: 1 }, original: { a: 1, b: 1, c: 1 } },
      'its primary key (a, b)',
    ],
    [
      'a rowid that there is not',
      { kind: 'delete', key: { rowid: 1 }, original: { a: 1, b: 1, c: 1 } },
      'its primary key',
    ],
    [
      'what was not read',
      { kind: 'update', key: { a: 1, b: 1 }, original: { a: 1 }, changes: { c: 2 } },
      'what c held',
    ],
    ['a row that was not read', { kind: 'delete', key: { a: 1, b: 1 }, original: {} }, 'what c held'],
    ['no change', { kind: 'update', key: { a: 1, b: 1 }, original: {}, changes: {} }, 'nothing is changed'],
    [
      'too large an integer',
      { kind: 'insert', values: { c: { integer: '9223372036854775808' } } },
      '64 bits',
    ],
    ['half of a character', { kind: 'insert', values: { c: '\ud83d' } }, 'half of a character'],
  ])('is refused for %s', async (_what, edit, message) => {
    await open('CREATE TABLE t (a, b, c, g AS (a + b), PRIMARY KEY (a, b)) WITHOUT ROWID')
    const failure = await failureOf(plan('t', [edit]))
    expect(failure.message).toContain(message)
  })

  it('is refused for two edits of one row, and for a value that a strict column does not take', async () => {
    await open('CREATE TABLE t (id INTEGER PRIMARY KEY, n INT) STRICT')
    const gone: Edit = { kind: 'delete', key: { id: { integer: '1' } }, original: { n: 1 } }
    const twice = await failureOf(plan('t', [gone, { ...gone, key: { id: 1 } }]))
    expect(twice).toMatchObject({
      code: 'invalid-params',
      details: { edits: [{ edit: 1, trouble: 'refused' }] },
    })
    const strict = await failureOf(plan('t', [{ kind: 'insert', values: { n: 'x' } }]))
    expect(strict.message).toContain("n is INT and does not take 'x'")
  })
})

describe('applying', () => {
  it('writes only the changed columns, and leaves what no text can show as it is', async () => {
    await open(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, CAST(x'61ff62' AS TEXT), 9007199254740993)`,
    )
    const before = contents('t', ['hex(a)', 'b'])
    expect(
      await apply('t', [{ kind: 'update', key: { id: 1 }, original: { id: 1 }, changes: { id: 2 } }]),
    ).toEqual({
      changes: 1,
      lastInsertRowids: [],
    })
    expect(contents('t', ['hex(a)', 'b'])).toEqual(before)
    await apply('t', [
      { kind: 'update', key: { id: 2 }, original: { a: { text: '61FF62' } }, changes: { a: { text: 'fe' } } },
    ])
    expect(contents('t', ['typeof(a)', 'hex(a)'])).toEqual([["text:'text'", "text:'FE'"]])
  })

  it.each(['UTF-8', 'UTF-16le', 'UTF-16be'])(
    'compares and writes texts by their bytes in %s',
    async (encoding) => {
      await open(
        `PRAGMA encoding = '${encoding}'; CREATE TABLE t (k TEXT COLLATE NOCASE PRIMARY KEY, a TEXT COLLATE NOCASE); INSERT INTO t VALUES ('é\u{1f600}', 'A')`,
      )
      const update: Edit = {
        kind: 'update',
        key: { k: 'é\u{1f600}' },
        original: { a: 'A' },
        changes: { a: 'z\0\u{1f600}' },
      }
      expect((await plan('t', [update])).diff[0]?.cells[0]?.after).toBe('z\0\u{1f600}')
      const wrongCase = await failureOf(apply('t', [{ ...update, original: { a: 'a' } }]))
      expect(wrongCase).toMatchObject({
        code: 'conflict',
        details: { edits: [{ edit: 0, trouble: 'changed' }] },
      })
      await apply('t', [update])
      const database = new Database(path, { readonly: true })
      expect(database.prepare('SELECT a FROM t').pluck().get()).toBe('z\0\u{1f600}')
      database.close()
    },
  )

  it.each<[string, string, Edit['kind'], unknown]>([
    ['1.0 for 1', '1', 'update', { real: 1 }],
    ['1 for 1.0', '1.0', 'update', 1],
    ["'1' for 1", '1', 'update', '1'],
    ["x'61' for 'a'", "'a'", 'update', { blob: '61' }],
    ["'a' for x'61'", "x'61'", 'update', 'a'],
    ['one infinity for the other', '9e999', 'update', { real: '-Infinity' }],
    ['0.0 for -0.0', '-0.0', 'update', { real: 0 }],
    ['NULL for an empty text', "''", 'update', null],
    ['a neighbour of a large integer', '9223372036854775807', 'update', { integer: '9223372036854775806' }],
    ['a neighbour of a real', '0.1', 'update', 0.10000000000000002],
  ])('finds a conflict in %s', async (_what, stored, _kind, read) => {
    await open(`CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, ${stored})`)
    const before = contents('t', ['id', 'a'])
    const failure = await failureOf(
      apply('t', [{ kind: 'update', key: { id: 1 }, original: { a: read as null }, changes: { a: 'lost' } }]),
    )
    expect(failure).toMatchObject({ code: 'conflict', details: { edits: [{ edit: 0, trouble: 'changed' }] } })
    expect(contents('t', ['id', 'a'])).toEqual(before)
  })

  it('names every row that changed underneath, in every way, and applies nothing', async () => {
    await open(`CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)`)
    elsewhere('UPDATE t SET a = 20 WHERE a = 2; DELETE FROM t WHERE a = 3')
    const edits = [1, 2, 3].map((n): Edit => ({
      kind: 'update',
      key: { rowid: n },
      original: { a: n },
      changes: { a: -n },
    }))
    const failure = await failureOf(apply('t', edits))
    expect(failure).toMatchObject({
      code: 'conflict',
      details: {
        edits: [
          { edit: 1, trouble: 'changed' },
          { edit: 2, trouble: 'gone' },
        ],
      },
    })
    expect(failure.message).toContain('edit 3 (update of rowid = 3): the row is not there any more')
    expect(contents('t', ['a'])).toEqual([['integer:1'], ['integer:20']])
    expect(await host.run('UPDATE t SET a = 5 WHERE a = 1')).toEqual({ rows: 0, changes: 1 })
  })

  it('refuses a key of NULLs that more than one row has, and finds one that only one has', async () => {
    await open(
      `CREATE TABLE t (k TEXT, j, a, PRIMARY KEY (k, j)); INSERT INTO t VALUES (NULL, 1, 'x'), (NULL, 1, 'x'), (NULL, 2, 'y')`,
    )
    const edit = (j: number, a: string): Edit => ({ kind: 'delete', key: { k: null, j }, original: { a } })
    expect(await failureOf(apply('t', [edit(1, 'x')]))).toMatchObject({
      code: 'conflict',
      details: { edits: [{ edit: 0, trouble: 'ambiguous' }] },
    })
    await apply('t', [edit(2, 'y')])
    expect(contents('t', ['j'])).toEqual([['integer:1'], ['integer:1']])
  })

  it('names rows by the name of the rowid that no column has', async () => {
    await open(`CREATE TABLE t (rowid, _rowid_); INSERT INTO t VALUES (7, 8)`)
    const failure = await failureOf(
      plan('t', [{ kind: 'delete', key: { rowid: 1 }, original: { rowid: 7, _rowid_: 8 } }]),
    )
    expect(failure.message).toContain('found by oid')
    await apply('t', [{ kind: 'update', key: { oid: 1 }, original: { rowid: 7 }, changes: { rowid: 70 } }])
    expect(contents('t', ['"rowid"', '_rowid_'])).toEqual([['integer:70', 'integer:8']])
  })

  it('changes rows of tables without rowid, by keys of several columns', async () => {
    await open(
      `CREATE TABLE t (a TEXT, b REAL, c, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, 1), ('x', 2, 2)`,
    )
    const applied = await apply('t', [
      { kind: 'update', key: { a: 'x', b: { real: 1 } }, original: { c: 1 }, changes: { c: null } },
      { kind: 'insert', values: { a: 'y', b: 5, c: 5 } },
    ])
    expect(applied).toEqual({ changes: 2, lastInsertRowids: [null] })
    expect(contents('t', ['a', 'b', 'c'])).toHaveLength(3)
  })

  it('answers the rowids of new rows exactly, and makes one of defaults alone', async () => {
    await open(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a DEFAULT 'd'); INSERT INTO t VALUES (9007199254740992, 'x')`,
    )
    expect(await apply('t', [{ kind: 'insert', values: {} }])).toEqual({
      changes: 1,
      lastInsertRowids: ['9007199254740993'],
    })
  })

  it('lets no other row go where a table says ON CONFLICT REPLACE or IGNORE', async () => {
    await open(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE ON CONFLICT REPLACE, b UNIQUE ON CONFLICT IGNORE); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)`,
    )
    for (const column of ['a', 'b']) {
      const failure = await failureOf(
        apply('t', [{ kind: 'update', key: { id: 2 }, original: { [column]: 2 }, changes: { [column]: 1 } }]),
      )
      expect(failure).toMatchObject({
        details: { engineCode: 'SQLITE_CONSTRAINT_UNIQUE', edits: [{ edit: 0 }] },
      })
    }
    expect(contents('t', ['id'])).toHaveLength(2)
  })

  it('undoes all edits when the engine refuses one, and names that one', async () => {
    await open(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a CHECK (a < 10)); INSERT INTO t VALUES (1, 1), (2, 2)`,
    )
    const failure = await failureOf(
      apply('t', [
        { kind: 'update', key: { id: 1 }, original: { a: 1 }, changes: { a: 5 } },
        { kind: 'update', key: { id: 2 }, original: { a: 2 }, changes: { a: 50 } },
      ]),
    )
    expect(failure).toMatchObject({
      code: 'database',
      details: { engineCode: 'SQLITE_CONSTRAINT_CHECK', edits: [{ edit: 1, trouble: 'refused' }] },
    })
    expect(failure.message).toContain('edit 2 (update of id = 2)')
    expect(contents('t', ['a'])).toEqual([['integer:1'], ['integer:2']])
  })

  it('keeps to foreign keys, at once or at the end', async () => {
    await open(`CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
      CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p, q REFERENCES p DEFERRABLE INITIALLY DEFERRED)`)
    const atOnce = await failureOf(apply('c', [{ kind: 'insert', values: { p: 7 } }]))
    expect(atOnce).toMatchObject({
      details: { engineCode: 'SQLITE_CONSTRAINT_FOREIGNKEY', edits: [{ edit: 0 }] },
    })
    const atEnd = await failureOf(apply('c', [{ kind: 'insert', values: { q: 7 } }]))
    expect(atEnd.message).toContain('checked at their end')
    expect(contents('c', ['id'])).toEqual([])
    expect(await apply('c', [{ kind: 'insert', values: { p: 1, q: 1 } }])).toMatchObject({ changes: 1 })
  })

  it('lets triggers change the row afterwards, but not a row whose edit is still to come', async () => {
    await open(`CREATE TABLE t (id INTEGER PRIMARY KEY, a, n DEFAULT 0); INSERT INTO t (id, a) VALUES (1, 1), (2, 2);
      CREATE TRIGGER counts AFTER UPDATE OF a ON t BEGIN UPDATE t SET n = n + 1 WHERE id = new.id; END;
      CREATE TRIGGER spreads AFTER UPDATE OF a ON t WHEN new.a = 100 BEGIN UPDATE t SET a = 99 WHERE id = 2; END`)
    const first: Edit = { kind: 'update', key: { id: 1 }, original: { a: 1 }, changes: { a: 10 } }
    expect(await apply('t', [first])).toMatchObject({ changes: 1 })
    expect(contents('t', ['n'])).toEqual([['integer:1'], ['integer:0']])
    const failure = await failureOf(
      apply('t', [
        { ...first, original: { a: 10 }, changes: { a: 100 } },
        { kind: 'update', key: { id: 2 }, original: { a: 2 }, changes: { a: 3 } },
      ]),
    )
    expect(failure).toMatchObject({
      code: 'conflict',
      details: { edits: [{ edit: 1, trouble: 'changed-by-edits' }] },
    })
    expect(contents('t', ['a'])).toEqual([['integer:10'], ['integer:2']])
  })

  it.each(['IGNORE', "ABORT, 'no'", "FAIL, 'no'", "ROLLBACK, 'no'"])(
    'changes nothing when a trigger says RAISE(%s)',
    async (raise) => {
      await open(`CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1), (2, 2);
        CREATE TRIGGER no BEFORE UPDATE ON t WHEN old.id = 2 BEGIN SELECT RAISE(${raise}); END`)
      const edits = [1, 2].map((n): Edit => ({
        kind: 'update',
        key: { id: n },
        original: { a: n },
        changes: { a: 0 },
      }))
      expect(await failureOf(apply('t', edits))).toMatchObject({ details: { edits: [{ edit: 1 }] } })
      expect(contents('t', ['a'])).toEqual([['integer:1'], ['integer:2']])
    },
  )

  it('changes nothing in a database that is open read-only', async () => {
    await open('CREATE TABLE t (a)')
    await host.client.call('open', { path, mode: 'read-only' })
    const failure = await failureOf(apply('t', [{ kind: 'insert', values: { a: 1 } }]))
    expect(failure.code).toBe('database')
    expect(contents('t', ['a'])).toEqual([])
  })

  it('rolls back when it is cancelled before the commit, and when the connection is closed', async () => {
    await open('CREATE TABLE t (a)')
    const cancelling = new AbortController()
    const edits = Array.from({ length: 5_000 }, (_, a): Edit => ({ kind: 'insert', values: { a } }))
    const making = host.client.call('edits.make', { table: 't', edits }, { signal: cancelling.signal })
    cancelling.abort()
    await failureOf(making)
    await host.client.call('edits.make', { table: 't', edits: edits.slice(0, 2) })
    await host.client.call('close', {})
    expect(contents('t', ['a'])).toEqual([])
  })
})
