import { findParameters, type Parameter } from '#contract/sql/find-parameters.ts'
import { walkStatements, type Dialect, type StatementText } from '#contract/sql/split-statements.ts'

/** How long the page works on a text before it draws: half a frame of a 60 Hz screen. */
const SLICE_MS = 8

/** Without one of these a statement asks for no values; most need not be looked through. */
const MAY_ASK = /[?:@$]/

/** Cuts a text of any length into its statements, in slices. @throws the signal's reason. */
export async function findStatements(
  text: string,
  dialect: Dialect,
  signal?: AbortSignal,
): Promise<StatementText[]> {
  const found: StatementText[] = []
  const pause = pacing(signal)
  for (const statement of walkStatements(text, dialect)) {
    if (statement) found.push(statement)
    else await pause()
  }
  return found
}

/** What statements ask for, each name once, in the order in which it first stands there. */
export async function findAllParameters(
  statements: readonly StatementText[],
  dialect: Dialect,
): Promise<{ readonly ofEach: readonly (readonly Parameter[])[]; readonly all: readonly Parameter[] }> {
  const pause = pacing()
  const ofEach: (readonly Parameter[])[] = []
  const byKey = new Map<string, Parameter>()
  for (const { text } of statements) {
    const parameters = MAY_ASK.test(text) ? findParameters(text, dialect) : []
    ofEach.push(parameters)
    for (const parameter of parameters) {
      const key = parameterKey(parameter)
      if (!byKey.has(key)) byKey.set(key, parameter)
    }
    await pause()
  }
  return { ofEach, all: [...byKey.values()] }
}

/** Under what the value of a parameter is remembered: its name, or `?2` for the second without one. */
export function parameterKey({ name, index }: Parameter): string {
  return name ?? `?${index}`
}

/** Waits for the page to draw whenever the slice is over. */
function pacing(signal?: AbortSignal): () => Promise<void> | undefined {
  let sliceStart = performance.now()
  return () => {
    if (performance.now() - sliceStart < SLICE_MS) return undefined
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      signal?.throwIfAborted()
      sliceStart = performance.now()
    })
  }
}
