import { expect, test } from 'vitest'
import { describeFuses } from './fuse-state.ts'

test('a fuse that is not as wanted is named and spoils the whole', () => {
  const { lines, areAsWanted } = describeFuses([
    { name: 'RunAsNode', isOn: true, wanted: false },
    { name: 'OnlyLoadAppFromAsar', isOn: true, wanted: true },
  ])
  expect(areAsWanted).toBe(false)
  expect(lines).toEqual(['  on  RunAsNode, but it should be off', '  on  OnlyLoadAppFromAsar'])
})

test('a fuse that the configuration does not name may be either way', () => {
  expect(describeFuses([{ name: 'WasmTrapHandlers', isOn: true, wanted: null }])).toEqual({
    lines: ['  on  WasmTrapHandlers (as Electron ships it)'],
    areAsWanted: true,
  })
})
