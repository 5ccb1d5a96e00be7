import { template as templateShape, type Template } from './template.ts'

/** The most bytes of a file with templates: a thousand long ones. */
export const MAX_TEMPLATE_FILE_BYTES = 10_000_000

/** A template for a file. What is sealed stays behind: it can be opened here alone. */
export function withoutSecrets(template: Template): Template {
  const open = Object.entries(template.command.environment).filter(
    ([, change]) => change === null || typeof change === 'string',
  )
  return { ...template, command: { ...template.command, environment: Object.fromEntries(open) } }
}

/** The templates of a file: one as JSON on as many lines as it likes, or one on each line; undefined when it is no such file. */
export function templatesIn(text: string): Template[] | undefined {
  try {
    return read([text])
  } catch {
    // Several, or none at all.
  }
  try {
    return read(text.split('\n').filter((line) => line.trim() !== ''))
  } catch {
    return undefined
  }
}

function read(texts: readonly string[]): Template[] | undefined {
  const parsed = texts.map((each) => templateShape.safeParse(JSON.parse(each)))
  const templates = parsed.flatMap(({ data }) => data ?? [])
  return templates.length > 0 && templates.length === texts.length ? templates : undefined
}
