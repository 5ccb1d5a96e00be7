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

test('both languages put the same values into each message', () => {
  const differing = english.filter(([key, text]) => {
    const translated = chinese.get(key) ?? ''
    // A form for one, such as "one row", may do without the number.
    const needed = holes(text.split('|').at(-1) ?? '')
    return (
      needed.some((hole) => !holes(translated).includes(hole)) ||
      holes(translated).some((hole) => !holes(text).includes(hole))
    )
  })
  expect(differing).toEqual([])
})

test.each(['en', 'zh-CN'] as const)('every message can be shown in %s', (language) => {
  i18n.global.locale.value = language
  const broken = (language === 'en' ? english : [...chinese]).filter(([key, text]) => {
    const shown = i18n.global.t(key, Object.fromEntries(holes(text).map((hole) => [hole.slice(1, -1), 'X'])))
    return shown === '' || shown === key || /[{}@]/u.test(shown)
  })
  i18n.global.locale.value = 'en'
  expect(broken).toEqual([])
})

test('a number chooses its form', () => {
  expect(tCount('query.rows', 1, '1')).toBe('1 row')
  expect(tCount('query.rows', 0, '0')).toBe('0 rows')
  expect(tCount('query.rows', 1_204_000, '1,204,000')).toBe('1,204,000 rows')
  i18n.global.locale.value = 'zh-CN'
  expect(tCount('query.rows', 1, '1')).toBe('1 行')
  expect(tCount('query.rows', 5, '5')).toBe('5 行')
  i18n.global.locale.value = 'en'
})
