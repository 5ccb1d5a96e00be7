/** A line of output, perhaps only its beginning. */
export interface LogLine {
  readonly text: string
  /** Its full size in bytes when only its beginning is here. */
  readonly cutFrom: number | null
}

/** Lines of output, of any number; nothing is asked of it beyond what is in view. */
export interface LogSource {
  /** Lines so far; may grow. */
  readonly lineCount: number
  /** A line; undefined while it is being fetched. */
  line(line: number): LogLine | undefined
  show(firstLine: number, count: number): void
  /** Calls back whenever the count or lines have changed. @returns ends it. */
  subscribe(onChange: () => void): () => void
}
