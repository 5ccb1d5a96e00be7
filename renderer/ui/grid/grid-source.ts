/** One value, ready to be drawn. */
export type GridCell =
  | { readonly kind: 'null' }
  /** No value yet: the engine will make one. */
  | { readonly kind: 'default' }
  | { readonly kind: 'integer' | 'real'; readonly text: string }
  /** `cut`: only its beginning is here. */
  | { readonly kind: 'text'; readonly text: string; readonly cut: boolean }
  | { readonly kind: 'blob'; readonly bytes: number; readonly preview: string }

export interface GridColumn {
  readonly name: string
  /** As declared; empty when there is none. */
  readonly type: string
}

/** What the head of a column says beside its name. */
export interface ColumnMark {
  readonly sorted?: 'ascending' | 'descending'
  /** Its place among several columns that rows are sorted by, from 1; absent for the only one. */
  readonly order?: number
  readonly filtered?: boolean
}

/** How something differs from what was read, when a person is editing it. */
export type EditLook = 'changed' | 'added' | 'removed' | 'conflict'

/** What a grid draws, of any length. Nothing is asked of it beyond what is in view. */
export interface GridSource {
  readonly columns: readonly GridColumn[]
  /** Rows so far; may grow. */
  readonly rowCount: number
  /** A value; undefined while it is being fetched. */
  cell(row: number, column: number): GridCell | undefined
  /** How a cell differs from what was read; left out where nothing is edited. */
  cellLook?(row: number, column: number): EditLook | undefined
  /** The same of a whole row, shown at its number. */
  rowLook?(row: number): EditLook | undefined
  /** Says which rows are in view, so that they are fetched and others are not. */
  show(firstRow: number, count: number): void
  /** Calls back at once whenever columns, count or cells have changed, however often. @returns ends it. */
  subscribe(onChange: () => void): () => void
}
