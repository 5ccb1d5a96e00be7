import { shallowRef, type ShallowRef } from 'vue'
import { t } from '../../../messages/words.ts'
import { showError } from '../../../ui/toasts.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { findStatements } from '../find-statements.ts'
import type { Editor } from '../mount-editor.ts'
import type { QueryTarget } from '../use-query-target.ts'
import { formatStatements } from './format-statements.ts'

/** Formatting the text of an editor. */
export interface FormatUse {
  readonly formatting: Readonly<ShallowRef<boolean>>
  /** Sets the statements in lines that are selected, or all, as one step that can be undone. */
  format(): Promise<void>
}

export function useFormat(
  editor: Readonly<ShallowRef<Editor | undefined>>,
  { dialect }: Pick<QueryTarget, 'dialect'>,
): FormatUse {
  const formatting = shallowRef(false)

  async function formatIn(at: Editor): Promise<void> {
    const whole = at.text()
    const { from, to } = at.selection()
    const begin = from === to ? 0 : from
    const found = await findStatements(from === to ? whole : whole.slice(from, to), dialect.value)
    if (found.length === 0) return showError(t('query.emptyText'))
    const formatted = await formatStatements(
      found.map(({ text }) => text),
      dialect.value,
    )
    // What was typed meanwhile is worth more than its lines.
    if (at.text() !== whole) return
    const changes = found.flatMap(({ start, end, text }, index) => {
      const insert = formatted[index] ?? text
      return insert === text ? [] : [{ from: begin + start, to: begin + end, insert }]
    })
    at.change(changes)
    const left = found[formatted.indexOf(null)]
    if (!left) return
    const moved = changes
      .filter(({ to }) => to <= begin + left.start)
      .reduce((sum, { from: start, to: end, insert }) => sum + insert.length - (end - start), 0)
    const { line } = at.placeOf(begin + left.start + moved)
    showError(t('format.left', { line }), t('format.leftHint'))
  }

  return {
    formatting,
    async format() {
      if (!editor.value || formatting.value) return
      formatting.value = true
      try {
        await formatIn(editor.value)
      } catch (error) {
        showError(t('format.failed'), messageOf(error))
      } finally {
        formatting.value = false
      }
    },
  }
}
