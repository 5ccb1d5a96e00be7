import { t } from '../../messages/words.ts'
import type { Note } from './tree-nodes.ts'

/** What is said in place of tables. */
export function noteWords(note: Note): string {
  switch (note.kind) {
    case 'loading':
      return t('databases.loading')
    case 'no-tables':
      return t('databases.noTables')
    case 'no-match':
      return t('databases.noMatch')
    case 'password':
      return t('databases.needsPassword')
    case 'failed':
      return note.message
    default:
      return note satisfies never
  }
}
