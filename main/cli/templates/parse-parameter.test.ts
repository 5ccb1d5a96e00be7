import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { WrongUsage } from '../wrong-usage.ts'
import { parseParameter, parseValues } from './parse-parameter.ts'

test.each([
  ['name', { name: 'name', type: 'text' }],
  ['name=', { name: 'name', type: 'text', default: '' }],
  ['name=a=b:c', { name: 'name', type: 'text', default: 'a=b:c' }],
  ['size:number=12', { name: 'size', type: 'number', default: '12' }],
  ['to:file', { name: 'to', type: 'file' }],
  [
    'mode:choice(fast,best)=best',
    { name: 'mode', type: 'choice', choices: ['fast', 'best'], default: 'best' },
  ],
  ['deep:flag', { name: 'deep', type: 'flag', on: '--deep', default: 'false' }],
  ['deep:flag(-d)=true', { name: 'deep', type: 'flag', on: '-d', default: 'true' }],
  ['pin:secret', { name: 'pin', type: 'secret' }],
])('%s', (word, expected) => expect(parseParameter(word)).toEqual(expected))

test.each(['', 'Name', 'a b', '1', 'a:list', 'a:choice', 'a:flag=maybe', '=1'])('%j is refused', (word) => {
  expect(() => parseParameter(word)).toThrow(WrongUsage)
})

test('values are texts; a flag may stand alone, and a path is meant from here', () => {
  const parameters = ['deep:flag', 'to:file', 'n:number'].map((word) => parseParameter(word))
  expect(parseValues(['deep', 'to=x/y', 'n=1=2', 'other= '], parameters)).toEqual({
    deep: 'true',
    to: resolve('x/y'),
    n: '1=2',
    other: ' ',
  })
  expect(parseValues(['deep=no'], parameters)).toEqual({ deep: 'false' })
  expect(() => parseValues(['n'], parameters)).toThrow(WrongUsage)
})
