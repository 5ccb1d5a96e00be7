import { StateEffect, StateField, type Extension, type Range } from '@codemirror/state'
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from '@codemirror/view'

/** A statement's place in the text: first code unit, and the one after the last. */
export interface TextRange {
  readonly from: number
  readonly to: number
}

const setMark = StateEffect.define<TextRange | undefined>()
const markedLine = Decoration.line({ class: 'cm-sql-current' })

const markField = StateField.define<TextRange | undefined>({
  create: () => undefined,
  update(mark, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMark)) return effect.value
    if (mark === undefined || !transaction.docChanged) return mark
    const { changes } = transaction
    return { from: changes.mapPos(mark.from, -1), to: changes.mapPos(mark.to, 1) }
  },
})

/** Only lines on screen get their mark: a statement may have a million. */
const markPlugin = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = visibleMarks(view)
    }

    update({ view, startState, state, docChanged, viewportChanged }: ViewUpdate): void {
      const isMoved = startState.field(markField) !== state.field(markField)
      if (docChanged || viewportChanged || isMoved) this.decorations = visibleMarks(view)
    }
  },
  { decorations: ({ decorations }) => decorations },
)

function visibleMarks({ state, visibleRanges }: EditorView): DecorationSet {
  const mark = state.field(markField)
  if (!mark) return Decoration.none
  const lines: Range<Decoration>[] = []
  for (const range of visibleRanges) {
    let at = Math.max(range.from, mark.from)
    const end = Math.min(range.to, mark.to, state.doc.length)
    while (at <= end) {
      const line = state.doc.lineAt(at)
      lines.push(markedLine.range(line.from))
      at = line.to + 1
    }
  }
  return Decoration.set(lines, true)
}

const look = EditorView.theme({
  '.cm-sql-current': { boxShadow: 'inset 2px 0 0 var(--accent)', backgroundColor: 'var(--stripe)' },
})

/** Lets an editor mark the lines of the statement that would run. */
export const statementMark: Extension = [markField, markPlugin, look]

/** Moves the mark; undefined takes it away. */
export function markStatement(view: EditorView, range: TextRange | undefined): void {
  const before = view.state.field(markField)
  if (before?.from === range?.from && before?.to === range?.to) return
  view.dispatch({ effects: setMark.of(range) })
}
