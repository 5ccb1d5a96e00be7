import { shallowRef } from 'vue'
import type { SavedQuery } from '#contract/saved-query.ts'
import { askService } from '../ipc/ask.ts'
import { messageOf } from '../ipc/message-of.ts'
import { t } from '../messages/words.ts'
import { showDone, showError } from '../ui/toasts.ts'

/** A query that is to be kept under a name which the person chooses. */
export interface WantedSave {
  readonly query: SavedQuery
  readonly onSaved: (name: string) => void
}

/** What is asked for now; whoever shows the form takes it. */
export const wantedSave = shallowRef<WantedSave>()

/** Asks the person for the name. @param query its name is the one that the form begins with, perhaps empty. */
export function askForName(query: SavedQuery, onSaved: (name: string) => void): void {
  wantedSave.value = { query, onSaved }
}

/** Keeps a query under the name that it has, in place of what was there. */
export async function saveAgain(query: SavedQuery): Promise<void> {
  try {
    await askService('savedQuery.save', { query, replace: true })
    showDone(t('saved.done', { name: query.name }))
  } catch (error) {
    showError(t('saved.failed'), messageOf(error))
  }
}
