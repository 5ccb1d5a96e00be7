/** A line of output, perhaps only its beginning. */
export interface LogLine {
  readonly text: string
  /** Its full size in bytes when only its beginning is here. */
  readonly cutFrom: number | null
  /** It was not kept, or only its beginning. */
  readonly gone?: 'all' | 'rest' | undefined
  /** All of it, or a part, came on standard error. */
  readonly errors?: 'all' | 'some' | undefined
  /** Not before and not after which moment it came, in milliseconds since 1970. */
  readonly arrived?: readonly [number, number] | undefined
  /** What it is in a comparison of two outputs; `skipped` stands for others. */
  readonly change?: 'removed' | 'added' | 'skipped' | undefined
  /** Its number, from 0, where that is not its place. */
  readonly number?: number | undefined
}

/** Lines of output, of any number; nothing is asked of it beyond what is in view. */
export interface LogSource {
  /** Lines so far; may grow. */
  readonly lineCount: number
  /** A line; undefined while it is being fetched. */
  line(line: number): LogLine | undefined
  show(firstLine: number, count: number): void
  /**
   * The end is being followed, and so many lines of it are in view: `lineCount` then grows only with lines that are
   * there to be drawn. Undefined when it is not followed.
   */
  follow(linesInView: number | undefined): void
  /** Calls back whenever the count or lines have changed. @returns ends it. */
  subscribe(onChange: () => void): () => void
}

/** A stretch of a line that is to be marked. Places are UTF-16 code units of the line as it is shown. */
export interface MarkedPlace {
  readonly start: number
  readonly length: number
  /** It is the one that is looked at. */
  readonly current: boolean
}
