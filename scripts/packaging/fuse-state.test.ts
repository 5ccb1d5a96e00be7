import { readFile } from 'node:fs/promises'
import { FuseV1Options } from '@electron/fuses'
import { expect, test } from 'vitest'
import { describeFuses } from './fuse-state.ts'

const LENIENT = { mayLack: true }
const STRICT = { mayLack: false }

test('a fuse that is not as wanted is named and spoils the whole', () => {
  const { lines, areAsWanted } = describeFuses(
    [
      { name: 'RunAsNode', isOn: true, wanted: false },
      { name: 'OnlyLoadAppFromAsar', isOn: true, wanted: true },
    ],
    LENIENT,
  )
  expect(areAsWanted).toBe(false)
  expect(lines).toEqual(['  on  RunAsNode, but it should be off', '  on  OnlyLoadAppFromAsar'])
})

test('a fuse of which nothing is said spoils the whole, whichever way it is', () => {
  expect(describeFuses([{ name: 'RunAsNode', isOn: false, wanted: null }], LENIENT)).toEqual({
    lines: ['  off RunAsNode, but nothing says how it should be'],
    areAsWanted: false,
  })
})

test('a fuse that the Electron does not have is named, and let pass in a test package only', () => {
  const fuses = [{ name: 'WasmTrapHandlers', isOn: null, wanted: true }]
  const lines = ['  --  WasmTrapHandlers: this Electron is older than that fuse']
  expect(describeFuses(fuses, LENIENT)).toEqual({ lines, areAsWanted: true })
  expect(describeFuses(fuses, STRICT)).toEqual({ lines, areAsWanted: false })
})

test('all nine fuses are stated: eight as electron-builder takes them, and the ninth beside them', async () => {
  const [, stated = ''] =
    /^electronFuses:\n((?: .*\n)+)/m.exec(await readFile('electron-builder.yml', 'utf8')) ?? []
  const names = [...stated.matchAll(/^ {2}(?:# )?(\w+): (?:true|false)$/gm)].map(([, name]) =>
    name?.toLowerCase(),
  )
  const all = Object.values(FuseV1Options).filter((name) => typeof name === 'string')
  expect(all).toHaveLength(9)
  expect(names.sort()).toEqual(all.map((name) => name.toLowerCase()).sort())
})
