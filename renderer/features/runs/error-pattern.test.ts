import { expect, test } from 'vitest'
import { searchPattern } from '#contract/search-pattern.ts'
import { ERROR_SEARCH } from './error-pattern.ts'

const looksLikeError = (line: string): boolean => searchPattern(ERROR_SEARCH).test(line)

test.each([
  'error: linking failed',
  'src/main.c:12:5: error: expected ‘;’',
  "TypeError: Cannot read properties of undefined (reading 'x')",
  'java.lang.NullPointerException',
  'Traceback (most recent call last):',
  'FATAL: database "x" does not exist',
  "thread 'main' panicked: index out of bounds; panic",
  'make: *** [all] Error 2',
  '3 errors generated.',
  '2 tests failed',
  'bash: foo: command not found',
  'Segmentation fault (core dumped)',
])('an error is seen in: %s', (line) => expect(looksLikeError(line)).toBe(true))

test.each([
  '0 errors, 0 warnings',
  'compiled with no errors',
  'errors: 0',
  'Failed: 0, Passed: 12',
  'cc -Wall -Werror -c a.c',
  'compiling error_handler.c',
  'an error-free run',
  'all is well',
])('none is seen in: %s', (line) => expect(looksLikeError(line)).toBe(false))
