import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { statementAt, type Dialect, type StatementText } from '#contract/sql/split-statements.ts'
import { findStatements } from './find-statements.ts'
import type { Editor } from './mount-editor.ts'

/** After typing, until the text is looked through again. */
const LOOK_AFTER_MS = 120
/** A longer text, in UTF-16 code units, is not followed while it is typed: looking through it takes a tenth of a second. */
const MAX_FOLLOWED = 500_000

/** The statement that would run, followed while the person types and moves. */
export interface StatementAtCursor {
  /** Undefined while something is selected, and in a text that is too long to be followed. */
  readonly current: Readonly<ShallowRef<StatementText | undefined>>
  /** Begins to follow an editor. */
  follow(editor: Editor, dialect: () => Dialect): void
  /** The text has changed, or is read in another dialect. */
  changed(): void
  /** The cursor has moved. */
  moved(): void
}

export function useStatementAtCursor(): StatementAtCursor {
  const current = shallowRef<StatementText>()
  let followed: { readonly editor: Editor; readonly dialect: () => Dialect } | undefined
  let statements: readonly StatementText[] | undefined
  let reading: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    if (!followed) return
    const { editor, dialect } = followed
    reading?.abort()
    const controller = (reading = new AbortController())
    const text = editor.text()
    try {
      statements = text.length > MAX_FOLLOWED ? [] : await findStatements(text, dialect(), controller.signal)
    } catch {
      // The text has changed meanwhile, and is read anew.
      return
    }
    if (!controller.signal.aborted) place()
  }

  function place(): void {
    if (!followed || !statements) return
    const { editor } = followed
    const { from, to } = editor.selection()
    current.value = from === to ? statementAt(statements, from) : undefined
    const mark = statements.length > 1 ? current.value : undefined
    editor.markStatement(mark && { from: mark.start, to: mark.end })
  }

  onScopeDispose(() => {
    clearTimeout(timer)
    reading?.abort()
  })

  return {
    current,
    follow(editor, dialect) {
      followed = { editor, dialect }
      void read()
    },
    changed() {
      statements = undefined
      reading?.abort()
      clearTimeout(timer)
      timer = setTimeout(() => void read(), LOOK_AFTER_MS)
    },
    moved: place,
  }
}

/** What a run is about: the statement at the cursor, or those that are selected; or all of the text. */
export type RunScope = 'current' | 'all'

/**
 * The statements to run, with their places in the whole text. A text that has only comments counts as one, so that the
 * engine says what is wrong with it.
 */
export async function statementsToRun(
  editor: Editor,
  scope: RunScope,
  dialect: Dialect,
): Promise<StatementText[]> {
  const { from, to } = editor.selection()
  const isSelected = scope === 'current' && from !== to
  const start = isSelected ? from : 0
  const text = isSelected ? editor.text().slice(from, to) : editor.text()
  const found = await findStatements(text, dialect)
  const wanted =
    scope === 'current' && !isSelected
      ? [statementAt(found, from)].filter((each) => each !== undefined)
      : found
  if (wanted.length === 0 && text.trim() !== '') return [{ text, start, end: start + text.length }]
  return wanted.map((each) => ({ ...each, start: start + each.start, end: start + each.end }))
}
