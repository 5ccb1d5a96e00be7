import { z } from 'zod'
import { call } from '../channel.ts'
import { commandSpec, runId } from '../run.ts'
import { askedTerms } from '../terms.ts'
import { parameter, parameterName, parameterValues } from './parameter.ts'
import { templateName } from './template.ts'

/** More are several batches. */
export const MAX_FANNED_OUT = 100_000
/** As many commands as a preview shows. */
const MAX_PREVIEWED = 20

const index = z.number().int().nonnegative()

/** Of what each one becomes a run. */
export const fanSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('values'),
    /** The parameter that has the value. */
    name: parameterName,
    values: z.array(z.string()).max(MAX_FANNED_OUT),
  }),
  /** The lines of a file in UTF-8, without their ends (LF or CRLF); empty ones are passed over. */
  z.object({ kind: z.literal('lines'), name: parameterName, path: z.string().min(1) }),
  /**
   * The rows of a query that has ended. A column is the parameter of its name, in small letters and with _ for what no name has;
   * numbers are written as they are, NULL is an empty text.
   */
  z.object({ kind: z.literal('result'), run: runId }),
])
export type FanSource = z.infer<typeof fanSource>

/** A command that is run once for each of many. */
export const fanOut = z.object({
  source: fanSource,
  command: commandSpec,
  /** Those of a template; null for what the source itself has, as far as the command names it. */
  parameters: z.array(parameter).nullable(),
  /** The same for all. */
  values: parameterValues,
  /** Of the template. */
  template: templateName.optional(),
})
export type FanOut = z.infer<typeof fanOut>

/** What the service answers about running a command for each of many. */
export const serviceFanOut = {
  /**
   * What the rows of a query would give to a command: the parameters that its columns are, and how many rows there are. Fails
   * with `invalid-params` where it has not ended or has too many, and `not-found` when the result is gone.
   */
  'fanOut.columns': call(z.object({ run: runId }), z.object({ names: z.array(parameterName), total: index })),
  /**
   * The first of the commands that would run, and how many there would be. Fails with `invalid-params` as soon as one could not be
   * made, with its place; `not-found` when the file or result is gone.
   */
  'fanOut.preview': call(
    fanOut.extend({ count: z.number().int().min(1).max(MAX_PREVIEWED) }),
    z.object({ total: index, first: z.array(commandSpec) }),
  ),
  /** Adds all of them as one batch, or none. Fails as the preview, and as `command.run`. */
  'fanOut.run': call(
    fanOut.extend({
      onFailure: z.enum(['go-on', 'stop']),
      terms: askedTerms.optional(),
      callerEnvironment: z.record(z.string(), z.string()).optional(),
      whenFull: z.enum(['wait', 'refuse']).optional(),
    }),
    z.object({ batch: index, runs: z.array(runId) }),
  ),
}
