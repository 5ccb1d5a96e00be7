import { writeFile } from 'node:fs/promises'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImportColumn, ImportFormat } from '#contract/transfer.ts'
import { failureOf } from '../host-fixture.ts'
import { EXACT_CSV, openTransferHost, READ_CSV, type TransferHost } from './transfer-fixture.ts'

const TYPED = (...types: ImportColumn['type'][]): ImportColumn[] =>
  types.map((type, index) => ({ name: `c${index}`, type }))
const JSON_LINES: ImportFormat = { kind: 'jsonl' }

describe('an import', () => {
  let host: TransferHost
  beforeEach(async () => {
    host = await openTransferHost('CREATE TABLE t (a TEXT NOT NULL, b)')
  })
  afterEach(() => host.close())

  /** What another connection sees. */
  function seen(sql: string): unknown[] {
    const database = new Database(host.at('data.db'), { readonly: true })
    try {
      return database.prepare(sql).raw().safeIntegers().all()
    } finally {
      database.close()
    }
  }

  async function imported(
    text: string | Buffer,
    types: ImportColumn[],
    format = READ_CSV,
  ): Promise<unknown[]> {
    await writeFile(host.at('in'), text)
    await host.importFile('in', 'made', types, { format }).result
    return seen('SELECT * FROM made')
  }

  async function refused(text: string | Buffer, types: ImportColumn[], format = READ_CSV): Promise<string> {
    await writeFile(host.at('in'), text)
    const { message } = await failureOf(host.importFile('in', 'made', types, { format }).result)
    expect(seen("SELECT name FROM sqlite_schema WHERE name = 'made'")).toEqual([])
    return message.replaceAll(host.folder, '')
  }

  it('reads quotes, line ends of every kind, a mark of UTF-8, and a last row without an end', async () => {
    const text = '\uFEFFc0,c1\r\n"a,""b""\r\nc",1\rx"y,\n\n,"last"'
    expect(await imported(text, TYPED('text', 'text'))).toEqual([
      ['a,"b"\r\nc', '1'],
      ['x"y', null],
      [null, 'last'],
    ])
  })

  it('makes of each field what its column is', async () => {
    const text = 'i,r,t,b,x\n-5,1.50,007,\\x00ff,9007199254740993\n9223372036854775807,1e3,+49 30,,"1"\n'
    expect(await imported(text, TYPED('integer', 'real', 'text', 'blob', 'any'))).toEqual([
      [-5n, 1.5, '007', Buffer.from('00ff', 'hex'), 9007199254740993n],
      [9223372036854775807n, 1000, '+49 30', null, '1'],
    ])
  })

  it('says in which row and line what is wrong, and leaves nothing', async () => {
    const lines = Array.from({ length: 2_000 }, (_, index) => `${index},x`)
    lines[1_203] = '7,x,y'
    expect(await refused(`a,b\n${lines.join('\n')}\n`, TYPED('integer', 'text'))).toBe(
      'Row 1,204 (line 1,205): 3 fields where 2 were expected. Nothing was imported from /in.',
    )
    expect(await refused('a\n1\n007\n', TYPED('integer'))).toContain(
      'Row 2 (line 3): in column "c0", "007" is not a whole number of 64 bits, or would lose a zero',
    )
    expect(await refused('a\n12345678901234567890\n', TYPED('real'))).toContain('would lose digits')
    expect(await refused('a\n"x\ny', TYPED('text'))).toContain(
      'Row 1 (line 2): the quote that opens field 1 is never closed.',
    )
    expect(await refused('a\nok\n"x"y\n', TYPED('text'))).toContain('Row 2 (line 3): field 1 goes on behind')
    const latin1 = Buffer.from('a\nfine\ncaf\xe9\n', 'latin1')
    expect(await refused(latin1, TYPED('text'))).toContain('Row 2 (line 3): field 1 is not UTF-8.')
    const utf16 = Buffer.from('\uFEFFa\n', 'utf16le')
    expect(await refused(utf16, TYPED('text'))).toContain('/in is in UTF-16.')
  })

  it('takes missing fields for NULL when rows may be ragged, but never too many', async () => {
    const ragged = { ...READ_CSV, rows: 'ragged' } as const
    expect(await imported('a,b\n1\n1,2\n', TYPED('text', 'text'), ragged)).toEqual([
      ['1', null],
      ['1', '2'],
    ])
    const failure = await failureOf(host.importFile('in', 'none', TYPED('text'), { format: ragged }).result)
    expect(failure.message).toContain('Row 2 (line 3): 2 fields where 1 were expected')
  })

  it('adds to a table that is there, or takes nothing when one row does not fit it', async () => {
    const columns: ImportColumn[] = [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'integer' },
    ]
    await writeFile(host.at('in'), 'a,b\nx,1\ny,2\n')
    await host.importFile('in', 't', columns, { create: false }).result
    expect(seen('SELECT a, b FROM t')).toEqual([
      ['x', 1n],
      ['y', 2n],
    ])
    await writeFile(host.at('in'), 'a,b\nz,3\n,4\n')
    const failure = await failureOf(host.importFile('in', 't', columns, { create: false }).result)
    expect(failure.message).toBe(
      'Row 2 does not fit the table: NOT NULL constraint failed: t.a. Nothing was imported.',
    )
    expect(seen('SELECT count(*) FROM t')).toEqual([[2n]])
    expect((await failureOf(host.importFile('in', 't', columns).result)).message).toContain('already exists')
    expect((await failureOf(host.importFile('missing', 't', columns).result)).code).toBe('not-found')
  })

  it('reads JSON lines exactly', async () => {
    const text =
      '{"c0":9007199254740993,"c1":1.0,"c2":"007","c3":{"blob":"00ff"}}\n\n{"c0":null,"c1":-9.0e+999,"c2":"9.5","c3":[1.50]}\n{"c2":true}'
    expect(await imported(text, TYPED('any', 'any', 'any', 'any'), JSON_LINES)).toEqual([
      [9007199254740993n, 1, '007', Buffer.from('00ff', 'hex')],
      [null, -Infinity, '9.5', '[1.5]'],
      [null, null, 1n, null],
    ])
    expect(await refusedIn('{"c0":1}\n{"c0":\n')).toContain(
      'Row 2 (line 2): it cannot be read as a JSON object',
    )
    expect(await refusedIn('{"c0":1}\n[]\n')).toContain('it is not an object')
    expect(await refusedIn('{"d":1}\n')).toContain('it has "d", for which there is no column')

    async function refusedIn(lines: string): Promise<string> {
      await writeFile(host.at('in'), lines)
      return (await failureOf(host.importFile('in', 'other', TYPED('any'), { format: JSON_LINES }).result))
        .message
    }
  })

  it('leaves nothing when it is cancelled in the middle', async () => {
    await writeFile(host.at('in'), `c0\n${'some text in a row\n'.repeat(2_000_000)}`)
    const cancelling = new AbortController()
    const importing = host.importFile('in', 'made', TYPED('text'), { signal: cancelling.signal })
    const failure = failureOf(importing.result)
    for await (const { rows } of importing) {
      expect(rows).toBeGreaterThan(0)
      cancelling.abort()
      break
    }
    expect((await failure).code).toBe('cancelled')
    expect(seen("SELECT name FROM sqlite_schema WHERE name = 'made'")).toEqual([])
    expect(seen('PRAGMA integrity_check')).toEqual([['ok']])
  })

  it('gives back every value and type that an export of all texts in quotes has written', async () => {
    let number = 0
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', '\u0000', '\\', 'x', '1', ' ', 'é', '😀') }),
    )
    const value = fc.oneof(
      fc.constant(null),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.integer().map(BigInt),
      fc.double({ noNaN: true }),
      text,
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    )
    const property = fc.asyncProperty(fc.array(fc.tuple(value, value), { maxLength: 200 }), async (rows) => {
      const name = `t${(number += 1)}`
      const database = new Database(host.at('data.db'))
      database.exec(`CREATE TABLE ${name} (c0, c1)`)
      const insert = database.prepare(`INSERT INTO ${name} VALUES (?, ?)`)
      for (const row of rows) insert.run(row)
      database.close()
      await host.exportQuery(`SELECT * FROM ${name}`, EXACT_CSV, `${name}.csv`).result
      await host.importFile(`${name}.csv`, `${name}_back`, TYPED('any', 'any')).result
      const all = (table: string): unknown[] =>
        seen(`SELECT typeof(c0), c0, typeof(c1), c1 FROM ${table} ORDER BY rowid`)
      expect(all(`${name}_back`)).toEqual(all(name))
    })
    await fc.assert(property, { numRuns: 20 })
  })
})

describe('a preview', () => {
  it('guesses separator, header and types, and never loses a zero, sign, date or digit', async () => {
    const host = await openTransferHost()
    try {
      const lines = [
        'id;zip;phone;day;card;price;ratio;note',
        '1;01234;+49 30 1;2024-01-02;1234567890123456;1.50;0.25;',
        '2;99999;+49 30 2;2024-01-03;1234567890123457;2.25;1;"3"',
      ]
      await writeFile(host.at('in.csv'), lines.join('\n'))
      const preview = await host.client.call('previewImport', { file: host.at('in.csv') })
      expect(preview.format).toMatchObject({ kind: 'csv', separator: ';', header: true })
      expect(
        preview.columns.map(({ name, type, reason }) => [
          name,
          type,
          'value' in reason ? reason.value : reason.kind,
        ]),
      ).toEqual([
        ['id', 'integer', 'all-integers'],
        ['zip', 'text', '01234'],
        ['phone', 'text', '+49 30 1'],
        ['day', 'text', '2024-01-02'],
        ['card', 'text', '1234567890123456'],
        ['price', 'text', '1.50'],
        ['ratio', 'real', 'all-numbers'],
        ['note', 'text', '3'],
      ])
      expect(preview.rows[0]).toEqual([
        '1',
        '01234',
        '+49 30 1',
        '2024-01-02',
        '1234567890123456',
        '1.50',
        '0.25',
        null,
      ])
      expect(preview.trouble).toBeNull()
    } finally {
      await host.close()
    }
  })

  it('knows JSON lines, a file without a header, and rows of another length', async () => {
    const host = await openTransferHost()
    const preview = async (text: string): ReturnType<typeof host.client.call<'previewImport'>> => {
      await writeFile(host.at('in'), text)
      return host.client.call('previewImport', { file: host.at('in') })
    }
    try {
      const lines = await preview('{"a":1,"b":"x"}\n{"a":2.5,"c":{"blob":"ff"}}\n')
      expect(lines.format.kind).toBe('jsonl')
      expect(lines.columns.map(({ name, type }) => [name, type])).toEqual([
        ['a', 'real'],
        ['b', 'text'],
        ['c', 'blob'],
      ])
      const plain = await preview('1,2\n3,4\n')
      expect(plain.format).toMatchObject({ separator: ',', header: false })
      expect(plain.columns.map(({ name }) => name)).toEqual(['column1', 'column2'])
      expect((await preview('a,b\n1,2\n1,2,3\n')).trouble).toBe(
        'row 2 (line 3) has 3 fields where 2 were expected',
      )
      expect(await failureOf(preview(''))).toMatchObject({ code: 'invalid-params' })
      expect((await failureOf(host.client.call('previewImport', { file: host.at('gone') }))).code).toBe(
        'not-found',
      )
    } finally {
      await host.close()
    }
  })
})
