import { computed, onBeforeUnmount, onMounted, shallowRef, watch, type ShallowRef } from 'vue'
import { commandKeys } from '../../commands/registry.ts'
import { language } from '../../messages/i18n.ts'
import { t } from '../../messages/words.ts'
import { mountEditor, type Editor } from './mount-editor.ts'
import type { QueryTarget } from './use-query-target.ts'
import { useStatementAtCursor, type StatementAtCursor } from './use-statement-at-cursor.ts'

/** After typing began, until the text is handed on to be kept. */
const NOTE_TEXT_AFTER_MS = 300

export interface QueryEditorOptions {
  /** Where it is made. */
  readonly place: Readonly<ShallowRef<HTMLElement | null>>
  /** What it begins with. */
  readonly text: string
  readonly target: Pick<QueryTarget, 'schema' | 'dialect'>
  /** Its tab is the one that is shown. */
  readonly active: () => boolean
  /** Given the text to keep, a moment after it was typed. */
  readonly onText: (text: string) => void
  /** Called once it is there. */
  readonly onReady: (editor: Editor) => void
}

/** The editor of a query tab, which knows the names of the database and follows the statement at the cursor. */
export function useQueryEditor(options: QueryEditorOptions): {
  /** Undefined before it is there. */
  readonly editor: Readonly<ShallowRef<Editor | undefined>>
  readonly atCursor: StatementAtCursor
} {
  const { schema, dialect } = options.target
  const editor = shallowRef<Editor>()
  const atCursor = useStatementAtCursor()
  const placeholder = computed(() => t('query.placeholder', { keys: commandKeys('query.run') }))
  let noting: ReturnType<typeof setTimeout> | undefined

  /** A text of megabytes is not taken out of the editor with every key. */
  function noteText(): void {
    noting ??= setTimeout(() => {
      noting = undefined
      options.onText(editor.value?.text() ?? '')
    }, NOTE_TEXT_AFTER_MS)
  }

  onMounted(() => {
    if (!options.place.value) return
    const made = mountEditor({
      parent: options.place.value,
      text: options.text,
      label: t('query.editor'),
      placeholder: placeholder.value,
      onChange() {
        noteText()
        atCursor.changed()
      },
      onMove: atCursor.moved,
    })
    editor.value = made
    made.complete(schema.value, dialect.value)
    atCursor.follow(made, () => dialect.value)
    if (options.active()) made.focus()
    options.onReady(made)
  })
  onBeforeUnmount(() => {
    clearTimeout(noting)
    editor.value?.dispose()
  })

  watch([schema, dialect], () => {
    editor.value?.complete(schema.value, dialect.value)
    atCursor.changed()
  })
  watch(language, () => editor.value?.setWords(t('query.editor'), placeholder.value))
  watch(options.active, (active) => active && editor.value?.focus(), { flush: 'post' })

  return { editor, atCursor }
}
