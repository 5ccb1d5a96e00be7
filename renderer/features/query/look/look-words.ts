import { t } from '../../../messages/words.ts'
import type { ExactValue, FilterTest, Sort, TypedTest } from './look.ts'

/** Characters of a value that a chip shows; its tooltip has more of them. */
const SHOWN_CHARACTERS = 40

/** What rows are sorted by, in order: `month ↓, name ↑`. */
export function sortWords(sorts: readonly Sort[], names: readonly string[]): string {
  const columns = sorts.map(
    ({ column, direction }) => `${names[column] ?? ''} ${direction === 'ascending' ? '↑' : '↓'}`,
  )
  return t('look.sorted', { columns: columns.join(', ') })
}

/** What a filter asks of a value: `contains “x”`. */
export function testWords(test: FilterTest): string {
  switch (test.kind) {
    case 'contains':
      return t('look.contains', { text: cut(test.text) })
    case 'lacks':
      return t('look.lacks', { text: cut(test.text) })
    case 'begins':
      return t('look.begins', { text: cut(test.text) })
    case 'equals':
      return t('look.equals', { text: cut(test.text) })
    case 'differs':
      return t('look.differs', { text: cut(test.text) })
    case 'below':
      return t('look.below', { text: cut(test.text) })
    case 'at-most':
      return t('look.atMost', { text: cut(test.text) })
    case 'above':
      return t('look.above', { text: cut(test.text) })
    case 'at-least':
      return t('look.atLeast', { text: cut(test.text) })
    case 'null':
      return t('look.null')
    case 'not-null':
      return t('look.notNull')
    case 'is':
      return test.value.kind === 'null' ? t('look.null') : t('look.is', { text: valueWords(test.value) })
    case 'is-not':
      return test.value.kind === 'null'
        ? t('look.notNull')
        : t('look.isNot', { text: valueWords(test.value) })
    default:
      return test satisfies never
  }
}

/** A test as one chooses it from a list. */
export function testName(kind: TypedTest | 'null' | 'not-null'): string {
  switch (kind) {
    case 'contains':
      return t('look.testContains')
    case 'lacks':
      return t('look.testLacks')
    case 'begins':
      return t('look.testBegins')
    case 'equals':
      return t('look.testEquals')
    case 'differs':
      return t('look.testDiffers')
    case 'below':
      return t('look.testBelow')
    case 'at-most':
      return t('look.testAtMost')
    case 'above':
      return t('look.testAbove')
    case 'at-least':
      return t('look.testAtLeast')
    case 'null':
      return t('look.testNull')
    case 'not-null':
      return t('look.testNotNull')
    default:
      return kind satisfies never
  }
}

function valueWords({ kind, text }: ExactValue): string {
  switch (kind) {
    case 'null':
      return 'NULL'
    case 'integer':
    case 'real':
      return text
    case 'text':
      return `“${cut(text)}”`
    case 'blob':
      return `x'${cut(text)}'`
    default:
      return kind satisfies never
  }
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
