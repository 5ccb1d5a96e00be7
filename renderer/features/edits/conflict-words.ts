import type { EditTrouble } from '#contract/failure.ts'
import { t } from '../../messages/words.ts'

/** Why one edit stood in the way of all. */
export function conflictWords(trouble: EditTrouble): string {
  switch (trouble) {
    case 'changed':
      return t('edits.conflict-changed')
    case 'gone':
      return t('edits.conflict-gone')
    case 'ambiguous':
      return t('edits.conflict-ambiguous')
    case 'changed-by-edits':
      return t('edits.conflict-by-edits')
    case 'refused':
      return t('edits.conflict-refused')
    default:
      return trouble satisfies never
  }
}
