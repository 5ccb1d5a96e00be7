import { z } from 'zod'

const MAX_TEXT_LENGTH = 10_000
const MAX_DESCRIPTION_LENGTH = 1_000
/** More than that many choices are looked up, not chosen from. */
const MAX_CHOICES = 1_000

/**
 * A parameter's name. It begins with a small letter, because in a line for the shell it is a variable of the environment: so
 * it can never stand for one that programs live by, such as PATH, HOME or LD_PRELOAD.
 */
export const parameterName = z.string().regex(/^[a-z][A-Za-z0-9_]{0,63}$/)

const base = z.object({
  name: parameterName,
  description: z.string().max(MAX_DESCRIPTION_LENGTH).optional(),
})
/** Taken when nothing is given; without one something must be. */
const fallback = z.string().max(MAX_TEXT_LENGTH).optional()

/** What is asked for when a template is used. Values are texts, and reach the command as they are written. */
export const parameter = z.discriminatedUnion('type', [
  base.extend({ type: z.literal('text'), default: fallback }),
  base.extend({ type: z.literal('number'), default: fallback }),
  /** The absolute path of a file, which need not be there. */
  base.extend({ type: z.literal('file'), default: fallback }),
  base.extend({ type: z.literal('folder'), default: fallback }),
  base.extend({
    type: z.literal('choice'),
    choices: z.array(z.string().max(MAX_TEXT_LENGTH)).min(1).max(MAX_CHOICES),
    default: fallback,
  }),
  /** Given as true or false. */
  base.extend({
    type: z.literal('flag'),
    /** What stands in its place when it is on; when it is off, nothing does. */
    on: z.string().min(1).max(MAX_TEXT_LENGTH),
    default: z.enum(['true', 'false']),
  }),
  /** Reaches the command through its environment alone, because everything else of a run is stored and shown in plain. */
  base.extend({ type: z.literal('secret') }),
])
export type Parameter = z.infer<typeof parameter>

/** What somebody gives for parameters, by name. */
export const parameterValues = z.record(z.string(), z.string())
export type ParameterValues = z.infer<typeof parameterValues>

/** Why a value does not do for its parameter. */
export type ValueTrouble =
  'missing' | 'not-a-number' | 'not-a-choice' | 'not-a-flag' | 'not-absolute' | 'zero-byte' | 'unknown'

/** @param value undefined when none is given. */
export function valueTrouble(parameter: Parameter, value: string | undefined): ValueTrouble | undefined {
  if (value === undefined) return 'missing'
  if (value.includes('\0')) return 'zero-byte'
  switch (parameter.type) {
    case 'text':
      return undefined
    case 'secret':
      return value === '' ? 'missing' : undefined
    case 'number':
      if (value === '') return emptyTrouble(parameter)
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(value) ? undefined : 'not-a-number'
    case 'file':
    case 'folder':
      if (value === '') return emptyTrouble(parameter)
      return /^(?:\/|[a-z]:[\\/]|\\\\)/iu.test(value) ? undefined : 'not-absolute'
    case 'choice':
      return parameter.choices.includes(value) ? undefined : 'not-a-choice'
    case 'flag':
      return value === 'true' || value === 'false' ? undefined : 'not-a-flag'
    default:
      return parameter satisfies never
  }
}

/** Whoever makes nothing the default says that it may be left out. */
function emptyTrouble({
  default: fallback,
}: {
  readonly default?: string | undefined
}): ValueTrouble | undefined {
  return fallback === '' ? undefined : 'missing'
}

/** The value that a parameter has without being given one. */
export function defaultOf(parameter: Parameter): string | undefined {
  return parameter.type === 'secret' ? undefined : parameter.default
}
