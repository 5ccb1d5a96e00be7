import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cacheFolder } from './cache-folder.ts'

test('the cache is where XDG_CACHE_HOME says, unless that is a relative path', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/elsewhere' }, 'linux')).toBe('/elsewhere/offloop')
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toBe(join(homedir(), '.cache', 'offloop'))
})

test('the cache is in the place of its platform otherwise', () => {
  expect(cacheFolder({}, 'linux')).toBe(join(homedir(), '.cache', 'offloop'))
  expect(cacheFolder({}, 'darwin')).toBe(join(homedir(), 'Library', 'Caches', 'offloop'))
  expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/offloop/cache')
})
