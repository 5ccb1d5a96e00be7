import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppliedEdits, Edit, EditPlan, EditValue } from '#contract/edits.ts'
import type { queryHostContract } from '#contract/query-host.ts'
import type { Client } from '#kit/client.ts'
import { noServer, startServer, type TestServer } from '#kit/postgres-server-fixture.ts'
import { failureOf } from '../../host-fixture.ts'
import { openServerHost, runOnServer } from '../server-fixture.ts'

type Host = Client<typeof queryHostContract>

let server: TestServer
let host: Host
const OWNER = 7

async function cells(sql: string, on: Host = host): Promise<string[][]> {
  return (await runOnServer(on, { sql })).cells
}

/** A host with tables made anew. */
async function withTables(...statements: string[]): Promise<void> {
  host = await openServerHost(server.address())
  await cells('DROP SCHEMA IF EXISTS shop CASCADE')
  await cells('CREATE SCHEMA shop')
  for (const each of statements) await cells(each)
}

const plan = (table: string, edits: Edit[]): Promise<EditPlan> => host.call('edits.plan', { table, edits })
async function apply(table: string, edits: Edit[]): Promise<AppliedEdits> {
  const applied = await host.call('edits.make', { table, edits, owner: OWNER })
  await host.call('edits.commit', { owner: OWNER })
  return applied
}
const change = (id: number, column: string, from: EditValue, to: EditValue): Edit => ({
  kind: 'update',
  key: { id: { integer: String(id) } },
  original: { [column]: from },
  changes: { [column]: to },
})

const T = 'CREATE TABLE shop.t (id int PRIMARY KEY, a text)'
const ROWS = `INSERT INTO shop.t VALUES (1, 'one'), (2, 'two'), (3, 'three')`

/** Of every kind of comparison: each value as it is read, and as SQL. */
const EXACT: readonly (readonly [type: string, sql: string, read: EditValue])[] = [
  ['bigint', '9007199254740993', { integer: '9007199254740993' }],
  ['boolean', 'true', 'true'],
  ['bytea', String.raw`'\x00ff5c'`, { blob: '00FF5C' }],
  ['real', "'0.1'", { real: 0.1 }],
  ['double precision', "'-0'", { real: -0 }],
  ['double precision', "'NaN'", { real: 'NaN' }],
  ['double precision', "'-Infinity'", { real: '-Infinity' }],
  ['double precision', "'1e-300'", { real: 1e-300 }],
  ['text', String.raw`E'a\\''b\n'`, "a\\'b\n"],
  ['varchar(9)', "'Ä€😀'", 'Ä€😀'],
  ['character(5)', "'ab'", 'ab   '],
  ['numeric', "'1.10'", '1.10'],
  ['numeric(30,10)', "'12345678901234567890.0000000001'", '12345678901234567890.0000000001'],
  ['timestamptz', "'2024-02-29 12:00:00.123456+00'", ''],
  ['interval', "'1 day 02:00'", '1 day 02:00:00'],
  ['jsonb', `'{"b": 1, "a": [null]}'`, '{"a": [null], "b": 1}'],
  ['json', `'{"b":  1}'`, '{"b":  1}'],
  ['int[]', "'{1,NULL,3}'", '{1,NULL,3}'],
  ['uuid', "'123e4567-e89b-12d3-a456-426614174000'", '123e4567-e89b-12d3-a456-426614174000'],
  ['shop.mood', "'glad'", 'glad'],
  ['shop.small', '5', { integer: '5' }],
  ['int4range', "'[1,5)'", '[1,5)'],
]

describe.skipIf(noServer)(
  `edits of rows on a PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
    }, 60_000)
    afterAll(() => server.remove())

    it('are planned with what columns make of values, statements with parameters, and one text', async () => {
      await withTables(
        'CREATE TABLE shop."My t" (id int PRIMARY KEY, price numeric(6,2), "when" date)',
        `INSERT INTO shop."My t" VALUES (1, 1.5, '2024-01-01'), (2, 2, NULL)`,
      )
      const edits: Edit[] = [
        { kind: 'delete', key: { id: 2 }, original: { id: 2, price: '2.00', when: null } },
        change(1, 'price', '1.50', '1.255'),
        { kind: 'insert', values: { id: 3, when: '1 Feb 2024' } },
      ]
      const planned = await plan('shop.My t', edits)
      expect(planned.diff[1]).toEqual({
        kind: 'update',
        key: { id: { integer: '1' } },
        cells: [{ column: 'price', before: '1.50', after: '1.26', converted: true }],
      })
      expect(planned.diff[2]?.cells).toEqual([
        { column: 'id', after: { integer: '3' }, converted: false },
        { column: 'when', after: '2024-02-01', converted: true },
      ])
      expect(planned.statements[1]).toEqual({
        sql: `UPDATE shop."My t" SET "price" = $1 WHERE "id" = $2 AND format('%s', "price") COLLATE "C" = $3`,
        params: ['1.255', { integer: '1' }, '1.50'],
      })
      expect(planned.sql.split('\n')).toEqual([
        'BEGIN;',
        `DELETE FROM shop."My t" WHERE "id" = '2' AND format('%s', "price") COLLATE "C" = '2.00' AND "when" IS NULL;`,
        `UPDATE shop."My t" SET "price" = '1.255' WHERE "id" = 1 AND format('%s', "price") COLLATE "C" = '1.50';`,
        `INSERT INTO shop."My t" ("id", "when") VALUES ('3', '1 Feb 2024');`,
        'COMMIT;',
      ])
      expect(await apply('shop.My t', edits)).toEqual({ changes: 3, lastInsertRowids: [null] })
      expect(await cells('SELECT * FROM shop."My t" ORDER BY id')).toEqual([
        ['1', '1.26', '2024-01-01'],
        ['3', '', '2024-02-01'],
      ])
    })

    it('find each value again as it was read, to the last bit, and no other that is equal to it', async () => {
      const columns = EXACT.map(([type], at) => `c${at} ${type}`)
      await withTables(
        `CREATE TYPE shop.mood AS ENUM ('sad', 'glad')`,
        'CREATE DOMAIN shop.small AS int CHECK (value < 10)',
        `CREATE TABLE shop.e (id int PRIMARY KEY, ${columns.join(', ')})`,
        `INSERT INTO shop.e VALUES (1, ${EXACT.map(([, sql]) => sql).join(', ')})`,
      )
      const shown = (await cells('SELECT * FROM shop.e'))[0] ?? []
      const original = Object.fromEntries(
        EXACT.map(([type, , read], at) => [`c${at}`, type === 'timestamptz' ? (shown[at + 1] ?? '') : read]),
      )
      // Writing the same values is an edit like any other, and finds its row by all of them.
      const edit: Edit = { kind: 'update', key: { id: 1 }, original, changes: original }
      const { diff } = await plan('shop.e', [edit])
      expect(diff[0]?.cells.filter(({ converted }) => converted)).toEqual([])
      expect((await apply('shop.e', [edit])).changes).toBe(1)
      expect((await cells('SELECT * FROM shop.e'))[0]).toEqual(shown)
      const others: Record<string, EditValue> = {
        c4: { real: 0 },
        c10: 'ab',
        c11: '1.1',
        c16: '{"b": 1}',
      }
      for (const [column, value] of Object.entries(others)) {
        const wrong: Edit = { ...edit, original: { ...original, [column]: value } }
        expect(await failureOf(apply('shop.e', [wrong])), column).toMatchObject({ code: 'conflict' })
      }
    })

    it('change nothing when rows have changed or gone, and name them all', async () => {
      await withTables(T, ROWS)
      const edits = [change(1, 'a', 'one', 'x'), change(2, 'a', 'TWO', 'x'), change(9, 'a', 'nine', 'x')]
      const failure = await failureOf(apply('shop.t', edits))
      expect(failure).toMatchObject({
        code: 'conflict',
        details: {
          edits: [
            { edit: 1, trouble: 'changed' },
            { edit: 2, trouble: 'gone' },
          ],
        },
      })
      expect(failure.message).toContain('edit 2 (update of id = 2): the row has other values now')
      expect(await cells('SELECT a FROM shop.t ORDER BY id')).toEqual([['one'], ['two'], ['three']])
    })

    it('keep the rows from others until the commit, so that nobody is overwritten unseen', async () => {
      await withTables(T, ROWS)
      await host.call('edits.make', { table: 'shop.t', edits: [change(1, 'a', 'one', 'mine')], owner: OWNER })
      const theirs = cells(`UPDATE shop.t SET a = a || ' and theirs' WHERE id = 1`)
      await host.call('edits.commit', { owner: OWNER })
      await theirs
      expect(await cells('SELECT a FROM shop.t WHERE id = 1')).toEqual([['mine and theirs']])
    })

    it('fail at once as a whole when the server refuses one, and say which', async () => {
      await withTables(T, ROWS, 'ALTER TABLE shop.t ADD CONSTRAINT short CHECK (length(a) < 6)')
      const failure = await failureOf(
        apply('shop.t', [change(1, 'a', 'one', 'x'), change(2, 'a', 'two', 'far too long')]),
      )
      expect(failure).toMatchObject({
        code: 'database',
        details: { engineCode: '23514', edits: [{ edit: 1, trouble: 'refused' }] },
      })
      expect(await cells('SELECT a FROM shop.t WHERE id = 1')).toEqual([['one']])
    })

    it('are refused where a trigger leaves a row out', async () => {
      await withTables(
        T,
        ROWS,
        'CREATE FUNCTION shop.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
        'CREATE TRIGGER no BEFORE UPDATE ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.no()',
      )
      expect(await failureOf(apply('shop.t', [change(1, 'a', 'one', 'x')]))).toMatchObject({
        code: 'conflict',
        details: { edits: [{ edit: 0, trouble: 'changed-by-edits' }] },
      })
    })

    it('say what a deferred rule has against all of them', async () => {
      await withTables(
        T,
        ROWS,
        'CREATE TABLE shop.child (id int PRIMARY KEY, t int REFERENCES shop.t DEFERRABLE INITIALLY DEFERRED)',
      )
      const failure = await failureOf(apply('shop.child', [{ kind: 'insert', values: { id: 1, t: 99 } }]))
      expect(failure).toMatchObject({ code: 'database', details: { engineCode: '23503' } })
      expect(failure.message).toContain('Nothing was changed.')
      expect(await cells('SELECT * FROM shop.child')).toEqual([])
    })

    it('are gone with what was open when their owner leaves, and when they are cancelled while rows are locked', async () => {
      await withTables(T, ROWS)
      await host.call('edits.make', { table: 'shop.t', edits: [change(1, 'a', 'one', 'x')], owner: OWNER })
      const cancelling = new AbortController()
      const waiting = host.call(
        'edits.make',
        { table: 'shop.t', edits: [change(1, 'a', 'one', 'y')], owner: OWNER + 1 },
        { signal: cancelling.signal },
      )
      const isWaiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
      while ((await cells(isWaiting)).length === 0);
      cancelling.abort()
      expect(await failureOf(waiting)).toMatchObject({ code: 'cancelled' })
      await host.call('close', { owner: OWNER })
      expect(await failureOf(host.call('edits.commit', { owner: OWNER }))).toMatchObject({
        code: 'host-lost',
      })
      expect(await cells('SELECT a FROM shop.t WHERE id = 1')).toEqual([['one']])
    })

    it('are refused for what does not fit the table, before anything has run', async () => {
      await withTables(
        T,
        'CREATE VIEW shop.v AS SELECT * FROM shop.t',
        'CREATE TABLE shop.loose (a int)',
        'CREATE TABLE shop.g (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED)',
      )
      const refusals: readonly [table: string, edit: Edit, words: string][] = [
        ['shop.v', { kind: 'insert', values: { id: 1 } }, 'is a view'],
        ['shop.loose', { kind: 'insert', values: { a: 1 } }, 'has no primary key'],
        ['shop.t', { kind: 'insert', values: { id: 'five' } }, 'invalid input syntax for type integer'],
        ['shop.t', { kind: 'insert', values: { id: 1, a: 'x\0y' } }, 'does not take a text with a NUL'],
        ['shop.t', { kind: 'insert', values: { b: 1 } }, 'has no column b'],
        ['shop.t', { kind: 'delete', key: { a: 'x' }, original: { id: 1, a: 'x' } }, 'primary key (id)'],
        ['shop.t', { kind: 'delete', key: { id: 1 }, original: {} }, 'it is not said what a held'],
        ['shop.g', { kind: 'insert', values: { id: 1 } }, 'is computed'],
        ['shop.g', { kind: 'insert', values: { twice: 1 } }, 'is computed'],
      ]
      for (const [table, edit, words] of refusals) {
        const failure = await failureOf(plan(table, [edit]))
        expect(failure.code, words).toBe('invalid-params')
        expect(failure.message).toContain(words)
      }
      expect(await failureOf(plan('shop.gone', [change(1, 'a', 'x', 'y')]))).toMatchObject({
        code: 'not-found',
      })
      await cells('INSERT INTO shop.g (n) VALUES (4)')
      expect((await apply('shop.g', [change(1, 'n', { integer: '4' }, 5)])).changes).toBe(1)
      expect(await cells('SELECT * FROM shop.g')).toEqual([['1', '5', '10']])
    })

    it('are looked at in parts, however many they are', async () => {
      await withTables(T, `INSERT INTO shop.t SELECT i, 'row ' || i FROM generate_series(1, 1000) i`)
      const edits = Array.from({ length: 450 }, (_, at) =>
        change(at + 1, 'a', `row ${at + 1}`, `new ${at + 1}`),
      )
      expect((await apply('shop.t', edits)).changes).toBe(450)
      expect(await cells(`SELECT count(*) FROM shop.t WHERE a = 'new ' || id`)).toEqual([['450']])
      const { details } = await failureOf(apply('shop.t', edits))
      expect(details?.edits).toHaveLength(450)
    })
  },
)
