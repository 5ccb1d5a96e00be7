import type { EditTrouble } from '#contract/failure.ts'
import { failed } from '#kit/request-failed.ts'

/** More rows that have changed are not named in a message; its details have all. */
const MAX_NAMED = 5

/** A row that is no longer as it was read. */
export interface Conflict {
  /** The place of its edit. */
  readonly edit: number
  readonly trouble: EditTrouble
  /** For messages, such as `edit 3 (update of id = 5)`. */
  readonly name: string
}

/** What is thrown when rows are no longer as they were read: it names them. */
export function conflictFailure(table: string, conflicts: readonly Conflict[]): Error {
  const named = conflicts.slice(0, MAX_NAMED).map(({ name, trouble }) => `${name}: ${troubleWords(trouble)}`)
  const others = conflicts.length > MAX_NAMED ? `; and ${conflicts.length - MAX_NAMED} more` : ''
  return failed(
    'conflict',
    `Nothing was changed, because ${table} is no longer as it was read. ${named.join('; ')}${others}. Read the rows again, and make the edits on what they are now.`,
    { edits: conflicts.map(({ edit, trouble }) => ({ edit, trouble })) },
  )
}

/** What stands in the way of an edit. */
export function troubleWords(trouble: EditTrouble): string {
  switch (trouble) {
    case 'changed':
      return 'the row has other values now'
    case 'gone':
      return 'the row is not there any more'
    case 'ambiguous':
      return 'more than one row has this key and these values'
    case 'changed-by-edits':
      return 'an earlier edit, a trigger or a foreign key has changed the row, or has prevented the edit'
    case 'refused':
      return 'the edit was refused'
    default:
      return trouble satisfies never
  }
}
