import { formatAnswer, formatRequest } from './format-request.ts'
import { formatStatement } from './format-statement.ts'

/** A thread of its own: a statement of 200,000 characters takes the formatter a second. */
addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const { statements, dialect } = formatRequest.parse(data)
  const formatted = statements.map((statement) => formatStatement(statement, dialect) ?? null)
  postMessage(formatAnswer.parse({ statements: formatted }))
})
