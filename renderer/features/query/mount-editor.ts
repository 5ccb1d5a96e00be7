import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from '@codemirror/commands'
import { PostgreSQL, sql, SQLite, type SQLNamespace } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
  tooltips,
  type DecorationSet,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Schema } from '#contract/database.ts'
import type { Dialect } from '#contract/sql/split-statements.ts'
import { markStatement, statementMark, type TextRange } from './statement-mark.ts'

export interface EditorOptions {
  readonly parent: HTMLElement
  readonly text: string
  /** What the editor is called, for those who cannot see it. */
  readonly label: string
  readonly placeholder: string
  onChange(): void
  /** The cursor, or what is selected, has changed. */
  onMove(): void
}

/** The SQL editor of one tab. */
export interface Editor {
  text(): string
  /** Where the cursor is, or from where to where something is selected. */
  selection(): TextRange
  /** Marks the statement that would run. */
  markStatement(range: TextRange | undefined): void
  /** A place as people say it, both from 1. */
  placeOf(position: number): { readonly line: number; readonly column: number }
  /** Brings the cursor to a place, and that into view. */
  goTo(position: number): void
  replace(text: string): void
  /** Changes several places at once, as one step that is undone by itself. The places are those before the changes. */
  change(changes: readonly { readonly from: number; readonly to: number; readonly insert: string }[]): void
  /** Offers the names of a database's tables and columns while typing. */
  complete(schema: Schema | undefined, dialect: Dialect): void
  /** Marks the word at a place as wrong; undefined takes the mark away. */
  markError(position: number | undefined): void
  setWords(label: string, placeholder: string): void
  /** Takes away the list of names, so that the next Escape is not spent on it. */
  closeCompletion(): void
  focus(): void
  dispose(): void
}

const setError = StateEffect.define<number | undefined>()
const errorMark = Decoration.mark({ class: 'cm-sql-error' })

/** The mark of an error; typing takes it away. */
const errorField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setError)) continue
      if (effect.value === undefined) return Decoration.none
      const [from, to] = wordAt(transaction.state, effect.value)
      return from < to ? Decoration.set(errorMark.range(from, to)) : Decoration.none
    }
    return transaction.docChanged ? Decoration.none : marks
  },
  provide: (field) => EditorView.decorations.from(field),
})

function wordAt(state: EditorState, position: number): readonly [number, number] {
  const at = Math.min(position, state.doc.length)
  const word = state.wordAt(at)
  return word ? [word.from, word.to] : [at, Math.min(at + 1, state.doc.length)]
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--syntax-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--syntax-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--syntax-number)' },
  { tag: tags.comment, color: 'var(--syntax-comment)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--syntax-type)' },
])

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'var(--text-mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--accent)', paddingBlock: '8px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-quiet)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { paddingInline: '14px 10px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--stripe)' },
  '& .cm-scroller .cm-selectionLayer .cm-selectionBackground': { background: 'var(--selected-quiet)' },
  '&.cm-focused .cm-scroller .cm-selectionLayer .cm-selectionBackground': { background: 'var(--selected)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--selected-quiet)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)' },
  '.cm-placeholder': { color: 'var(--ink-quiet)' },
  '.cm-sql-error': { textDecoration: 'underline wavy var(--bad) 1.5px', backgroundColor: 'var(--bad-soft)' },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    backgroundColor: 'var(--surface-float)',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: 'var(--text-mono)', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '3px 8px',
    borderRadius: 'var(--radius-small)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--selected)',
    color: 'var(--ink)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { color: 'var(--ink-quiet)', fontStyle: 'normal' },
  '.cm-panels': { backgroundColor: 'var(--surface-raised)', color: 'var(--ink)', borderColor: 'var(--line)' },
})

/** Makes a SQL editor with the keys of CodeMirror. */
export function mountEditor(options: EditorOptions): Editor {
  const language = new Compartment()
  const words = new Compartment()

  const wordsOf = (label: string, hint: string) => [
    EditorView.contentAttributes.of({ 'aria-label': label }),
    placeholder(hint),
  ]

  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        EditorView.lineWrapping,
        EditorState.allowMultipleSelections.of(true),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        // Beside the editor, which cuts off what reaches over its edge.
        tooltips({ parent: document.body }),
        highlightActiveLine(),
        highlightSelectionMatches(),
        syntaxHighlighting(colours),
        errorField,
        statementMark,
        look,
        words.of(wordsOf(options.label, options.placeholder)),
        language.of(sql({ dialect: SQLite, upperCaseKeywords: true })),
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...completionKeymap,
          indentWithTab,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onChange()
          else if (update.selectionSet) options.onMove()
        }),
      ],
    }),
  })

  return {
    text: () => view.state.doc.toString(),
    selection() {
      const { from, to } = view.state.selection.main
      return { from, to }
    },
    markStatement: (range) => markStatement(view, range),
    placeOf(position) {
      const line = view.state.doc.lineAt(Math.min(position, view.state.doc.length))
      return { line: line.number, column: Math.max(0, position - line.from) + 1 }
    },
    goTo(position) {
      const anchor = Math.min(position, view.state.doc.length)
      view.dispatch({ selection: { anchor }, scrollIntoView: true })
      view.focus()
    },
    replace(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    change(changes) {
      view.dispatch({ changes, annotations: isolateHistory.of('full') })
    },
    complete(schema, dialect) {
      const config = { dialect: dialect === 'postgres' ? PostgreSQL : SQLite, upperCaseKeywords: true }
      const extension = sql(schema ? { ...config, schema: namespaceOf(schema) } : config)
      view.dispatch({ effects: language.reconfigure(extension) })
    },
    markError(position) {
      view.dispatch({ effects: setError.of(position) })
    },
    setWords(label, hint) {
      view.dispatch({ effects: words.reconfigure(wordsOf(label, hint)) })
    },
    closeCompletion: () => closeCompletion(view),
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  }
}

function namespaceOf(schema: Schema): SQLNamespace {
  return Object.fromEntries(
    schema.tables.map(({ name, columns }) => [
      name,
      columns.map((column) => ({ label: column.name, detail: column.declaredType, type: 'property' })),
    ]),
  )
}
