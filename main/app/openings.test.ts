import { describe, expect, test } from 'vitest'
import { makeOpenings, openingOfLink, openingsOf } from './openings.ts'

describe('the words of a start', () => {
  test('are files, relative to where it was started, and links; switches and the app itself are neither', () => {
    const words = ['--no-sandbox', '/opt/offloop', 'shop.db', '/data/a b.csv', 'OFFLOOP://run/12', '']
    expect(openingsOf(words, '/home/ann', '/opt/offloop/')).toEqual([
      { kind: 'file', path: '/home/ann/shop.db' },
      { kind: 'file', path: '/data/a b.csv' },
      { kind: 'run', id: 12 },
    ])
  })

  test.each([
    'offloop://run/0',
    'offloop://run/1e3',
    'offloop://run/12/stop',
    'offloop:run/12',
    'offloop://open?path=/etc',
  ])('never make more of the link %s than that it is not known', (link) => {
    expect(openingOfLink(link)).toEqual({ kind: 'unknown-link', link })
    expect(openingOfLink(link + 'x'.repeat(9_000))).toEqual({
      kind: 'unknown-link',
      link: `${link}${'x'.repeat(200 - link.length)}`,
    })
  })
})

describe('openings', () => {
  test('are given once, in order, to whoever takes them, also when they came before', async () => {
    const openings = makeOpenings()
    const end = new AbortController()
    openings.add([{ kind: 'run', id: 1 }])
    const taken = openings.take(end.signal)
    expect((await taken.next()).value).toEqual({ kind: 'run', id: 1 })
    const later = taken.next()
    openings.add([
      { kind: 'run', id: 2 },
      { kind: 'run', id: 3 },
    ])
    expect((await later).value).toEqual({ kind: 'run', id: 2 })
    expect((await taken.next()).value).toEqual({ kind: 'run', id: 3 })
    const over = taken.next()
    end.abort()
    expect(await over).toEqual({ done: true, value: undefined })
  })
})
