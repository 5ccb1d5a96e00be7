import { expect, test } from 'vitest'
import { buildChunks } from '#contract/chunk/encode.ts'
import { readChunk } from '#contract/chunk/read.ts'
import { csvFormat } from './csv-format.ts'
import { jsonLinesFormat } from './json-lines-format.ts'
import { selectColumns } from './select-columns.ts'

const bytesOf = (piece: string | Uint8Array): string => Buffer.from(piece).toString('latin1')

test('bytes that are not UTF-8 come out as they went in', () => {
  const builder = buildChunks(1)
  builder.append(['a??b'])
  const chunk = builder.finish()
  const heap = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
  heap.set([0x80, 0xff], heap.indexOf('a??b') + 1)
  expect(bytesOf(csvFormat(['t']).rows(readChunk(chunk)))).toBe('a\x80\xffb\n')
  // No string of JSON holds them: they are told apart from every text.
  expect(bytesOf(jsonLinesFormat(['t']).rows(readChunk(chunk)))).toBe('{"t":{"text":"6180ff62"}}\n')
})

test('integers of any length are written whole', () => {
  const values = [0n, -1n, 9n, 10n, 99n, 100n, 2147483647n, -2147483648n]
  const builder = buildChunks(2)
  for (const value of values) builder.append([value, value * 10n ** 9n])
  const text = bytesOf(csvFormat(['a', 'b']).rows(readChunk(builder.finish())))
  expect(text).toBe(values.map((value) => `${value},${value * 10n ** 9n}\n`).join(''))
})

test('texts stand in quotes where they must, and the same text is written alike beside those that need them', () => {
  const written = (...texts: string[]): string => {
    const builder = buildChunks(1)
    for (const text of texts) builder.append([text])
    return bytesOf(csvFormat(['t'], { header: false, nullText: 'NULL' }).rows(readChunk(builder.finish())))
  }
  const plain = ['one', '', 'two words', 'NULL']
  const lines = 'one\n""\ntwo words\n"NULL"\n'
  expect(written(...plain)).toBe(lines)
  for (const special of [',', '"', '\r', '\n'])
    expect(written(...plain, special)).toBe(`${lines}"${special.replace('"', '""')}"\n`)
})

test('columns are chosen without copying, and one that is not there is refused', () => {
  const builder = buildChunks(3)
  builder.append([1n, 'x', null])
  const chunk = readChunk(builder.finish())
  expect(bytesOf(csvFormat(['c', 'a']).rows(selectColumns(chunk, [2, 0])))).toBe(',1\n')
  expect(() => csvFormat(['d']).rows(selectColumns(chunk, [3]))).toThrow(RangeError)
})
