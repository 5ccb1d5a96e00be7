import { expect, test } from 'vitest'
import { en } from './en.ts'
import { i18n } from './i18n.ts'
import { tCount } from './words.ts'
import { zhCN } from './zh-cn.ts'

type Tree = { readonly [key: string]: string | Tree }

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const name = path ? `${path}.${key}` : key
    return typeof value === 'string' ? [[name, value] as [string, string]] : leaves(value, name)
  })
}

const english = leaves(en)
const chinese = new Map(leaves(zhCN))
const holes = (text: string): string[] => [...new Set(text.match(/\{\w+\}/gu) ?? [])].sort()

test('both languages have the same messages, none of them empty', () => {
  expect([...chinese.keys()].sort()).toEqual(english.map(([key]) => key).sort())
  expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([])
})

test.each(english)('%s has the same values put in in both languages', (key, text) => {
  const translated = chinese.get(key) ?? ''
  // A form for one, such as "one row", may do without the number.
  for (const hole of holes(translated)) expect(holes(text)).toContain(hole)
  for (const hole of holes(text.split('|').at(-1) ?? '')) expect(holes(translated)).toContain(hole)
})

test.each([
  ...english.map((entry) => ['en', ...entry] as const),
  ...[...chinese].map((entry) => ['zh-CN', ...entry] as const),
])('in %s, %s can be shown', (language, key, text) => {
  i18n.global.locale.value = language
  const values = Object.fromEntries(holes(text).map((hole) => [hole.slice(1, -1), 'X']))
  const shown = i18n.global.t(key, values)
  expect(shown).not.toBe('')
  expect(shown).not.toBe(key)
  expect(shown).not.toMatch(/[{}@]/u)
  i18n.global.locale.value = 'en'
})

test('a number chooses its form', () => {
  expect(tCount('query.rows', 1, '1')).toBe('one row')
  expect(tCount('query.rows', 0, '0')).toBe('0 rows')
  expect(tCount('query.rows', 1_204_000, '1,204,000')).toBe('1,204,000 rows')
  i18n.global.locale.value = 'zh-CN'
  expect(tCount('query.rows', 1, '1')).toBe('1 行')
  expect(tCount('query.rows', 5, '5')).toBe('5 行')
  i18n.global.locale.value = 'en'
})
