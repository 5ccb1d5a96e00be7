import { describe, expect, test } from 'vitest'
import { putOnPath } from './path-fixture.ts'
import { compilerNeeds, displayNeeds, fontNeeds, libraryNeeds } from './system-need.ts'

const { signal } = new AbortController()
const what = (needs: { what: string }[]) => needs.map((need) => need.what)

/** What a program on the path prints when it is only a stub that says how to install it. */
const STUB = 'echo "install me" >&2; exit 127'

describe('what a machine can lack', () => {
  test('libraries, by the package that holds them', async () => {
    await putOnPath(
      { ldd: 'printf "\\tlibgtk-3.so.0 => not found\\n\\tlibm.so.6 => /lib/libm.so.6 (0x7f)\\n"' },
      'kept',
    )
    expect(await libraryNeeds('/any/electron', 'linux', signal)).toEqual([
      {
        what: 'the library libgtk-3.so.0',
        debian: ['libgtk-3-0t64', 'libgtk-3-0'],
        rpm: 'libgtk-3.so.0()(64bit)',
      },
    ])
  })

  test('libraries are looked for on Linux only', async () => {
    expect(await libraryNeeds('/any/electron', 'darwin', signal)).toEqual([])
  })

  test('a display server, when there is no display', async () => {
    await putOnPath({}, 'hidden')
    expect(what(await displayNeeds({}, signal))).toEqual([expect.stringContaining('Xvfb')])
    expect(await displayNeeds({ DISPLAY: ':0' }, signal)).toEqual([])
  })

  test('a compiler, when a name on the path is only a stub', async () => {
    const works = 'exit 0'
    await putOnPath({ 'g++': STUB, make: works, python3: works }, 'kept')
    expect(what(await compilerNeeds(signal))).toEqual(['g++'])
  })

  test('a font for Chinese text', async () => {
    await putOnPath({ 'fc-list': 'exit 0' }, 'kept')
    expect(what(await fontNeeds(signal))).toEqual(['a font with Chinese characters'])
    await putOnPath({ 'fc-list': 'echo "/fonts/noto.ttc: Noto Sans CJK"' }, 'kept')
    expect(await fontNeeds(signal)).toEqual([])
    await putOnPath({}, 'hidden')
    expect(what(await fontNeeds(signal))).toEqual(['the program fc-list', 'a font with Chinese characters'])
  })
})
