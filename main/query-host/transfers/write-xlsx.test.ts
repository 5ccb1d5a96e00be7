import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openTransferHost } from './transfer-fixture.ts'

const run = promisify(execFile)
/** Reads a workbook with nothing of ours: every sheet as rows of kind and value, after a check of all checksums. */
const READER = `
import json, re, sys, zipfile
import xml.parsers.expat as expat
import xml.etree.ElementTree as xml
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
for name in archive.namelist(): expat.ParserCreate().Parse(archive.read(name), True)
main = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
unescape = lambda text: re.sub('_x([0-9A-F]{4})_', lambda m: chr(int(m[1], 16)), text)
def value(cell):
    number = cell.find(main + 'v')
    text = cell.find(main + 'is/' + main + 't')
    return ['n', number.text] if number is not None else ['t', unescape(text.text or '')] if text is not None else None
def sheet(name):
    return [[value(cell) for cell in row] for row in xml.fromstring(archive.read(name)).iter(main + 'row')]
names = sorted(name for name in archive.namelist() if 'worksheets' in name)
count = lambda name: archive.read(name).count(b'<row>')
print(json.dumps([sheet(name) if len(sys.argv) < 3 else count(name) for name in names]))
`

async function read(path: string, ...counting: string[]): Promise<unknown> {
  const { stdout } = await run('python3', ['-c', READER, path, ...counting], { maxBuffer: 2 ** 27 })
  return JSON.parse(stdout)
}

test('a workbook holds every kind of value, and what its cells cannot hold as text', async () => {
  const host = await openTransferHost()
  try {
    const sql = `SELECT 42 AS i, 9007199254740993 AS big, 0.1 AS r, 9e999 AS inf, NULL AS n, x'00ff' AS b, ' <a> & _x000D_ é😀' || char(13, 10, 0) AS t, printf('%.40000c', 'x') AS long`
    const progress = await host.exportQuery(sql, { kind: 'xlsx', header: true }, 'out.xlsx').result
    expect(progress).toMatchObject({ rows: 1, shortened: 1 })
    expect(await read(host.at('out.xlsx'))).toEqual([
      [
        ['i', 'big', 'r', 'inf', 'n', 'b', 't', 'long'].map((name) => ['t', name]),
        [
          ['n', '42'],
          ['t', '9007199254740993'],
          ['n', '0.1'],
          ['t', 'Inf'],
          null,
          ['t', '\\x00ff'],
          ['t', ' <a> & _x000D_ é😀\r\n\u0000'],
          ['t', 'x'.repeat(32_767)],
        ],
      ],
    ])
  } finally {
    await host.close()
  }
})

test('rows beyond what a sheet can hold go to a further one', async () => {
  const host = await openTransferHost()
  try {
    const sql =
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1048580) SELECT i FROM n'
    await host.exportQuery(sql, { kind: 'xlsx', header: true }, 'out.xlsx').result
    expect(await read(host.at('out.xlsx'), 'count')).toEqual([1_048_576, 6])
  } finally {
    await host.close()
  }
})
