import { assert, property, array, constantFrom, string, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitStatements, statementAt, type Dialect } from './split-statements.ts'

function texts(sql: string, dialect?: Dialect): string[] {
  return splitStatements(sql, dialect).map(({ text }) => text)
}

describe('statements of SQLite', () => {
  test.each([
    ['select 1; select 2', ['select 1', 'select 2']],
    ['  select 1 ;;\n ; ', ['select 1']],
    ["select ';'; select ''';'", ["select ';'", "select ''';'"]],
    ['select 1 as [a;b], 2 "c;d", 3 `e;f`; select 4', ['select 1 as [a;b], 2 "c;d", 3 `e;f`', 'select 4']],
    ['-- one; two\nselect 1 /* ; */ + 2; -- end', ['select 1 /* ; */ + 2']],
    ['/* open ; select 1', []],
    ["select 'open ; select 2", ["select 'open ; select 2"]],
    ['begin; end; select 1', ['begin', 'end', 'select 1']],
    ['create table trigger_log(begin); select 1', ['create table trigger_log(begin)', 'select 1']],
  ])('%j is cut into %j', (sql, expected) => {
    expect(texts(sql)).toEqual(expected)
  })

  test('the semicolons of a trigger are its own, also behind CASE … END and a column called end', () => {
    const trigger =
      'create temp trigger if not exists t after insert on a when case new.x when 1 then 2 end ' +
      "begin update a set x = case when new.end > 1 then 'end;' else 2 end; delete from b; end"
    expect(texts(`${trigger}; select 1`)).toEqual([trigger, 'select 1'])
  })
})

describe('statements of PostgreSQL', () => {
  test.each([
    ['select $$a;b$$; select $x$ $$;$$ $x$', ['select $$a;b$$', 'select $x$ $$;$$ $x$']],
    ["select E'\\';'; select 2", ["select E'\\';'", 'select 2']],
    ['select (array[1;2]); select 1', ['select (array[1', '2])', 'select 1']],
    ['/* a /* ; */ ; */ select 1; select $1', ['select 1', 'select $1']],
    [
      'create or replace function f() returns int begin atomic select 1; select case when true then 1 end; end; select 2',
      [
        'create or replace function f() returns int begin atomic select 1; select case when true then 1 end; end',
        'select 2',
      ],
    ],
  ])('%j is cut into %j', (sql, expected) => {
    expect(texts(sql, 'postgres')).toEqual(expected)
  })
})

/** Statements and blanks whose own ends are known. */
const statement = constantFrom(
  'select 1',
  "insert into t values(';', x'3b')",
  'select ";" as "a;""b"',
  'create trigger t after update on a begin select 1; select case 1 when 2 then 3 end; end',
  'select /* ; */ 2',
  "with a as (select ';' -- ;\n) select * from a",
)
const blank = constantFrom('', ' ', '\n', " -- ; it's\n", "/* ; ' */", '\t;')

test('statements joined by semicolons and blanks come apart again, each at its own place', () => {
  assert(
    property(array(tuple(blank, statement, blank)), (parts) => {
      const sql = parts.map(([before, text, after]) => `${before}${text}${after}`).join(';')
      const found = splitStatements(sql)
      expect(found.map(({ text }) => text)).toEqual(parts.map(([, text]) => text))
      for (const { text, start, end } of found) expect(sql.slice(start, end)).toBe(text)
    }),
  )
})

test('any text is cut without loss: between statements there are only semicolons, white space and comments', () => {
  assert(
    property(
      string({ unit: constantFrom(...Array.from(`;'"[]\`-/*$ \nab1BEGIN`)) }),
      constantFrom<Dialect>('sqlite', 'postgres'),
      (sql, dialect) => {
        let last = 0
        for (const { start, end } of splitStatements(sql, dialect)) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          expect(splitStatements(sql.slice(last, start), dialect)).toEqual([])
          last = end
        }
        expect(splitStatements(sql.slice(last), dialect)).toEqual([])
      },
    ),
  )
})

test('the statement at the cursor is the one around it, else the one before', () => {
  const sql = 'select 1; \n select 2 ;'
  const statements = splitStatements(sql)
  expect(statementAt(statements, 0)?.text).toBe('select 1')
  expect(statementAt(statements, 9)?.text).toBe('select 1')
  expect(statementAt(statements, 15)?.text).toBe('select 2')
  expect(statementAt(statements, sql.length)?.text).toBe('select 2')
  expect(statementAt([], 0)).toBeUndefined()
})
