import { z } from 'zod'

/** A signed 64-bit integer in decimal. */
const integerText = z.string().regex(/^-?\d{1,19}$/)

/**
 * A value for a parameter, exact in JSON: numbers are REAL when they are written with a fraction or exponent and
 * INTEGER when they are whole and below 2^53; larger integers come as `{ integer }`, bytes as `{ blob }` in hexadecimal,
 * and `{ real }` makes a whole number REAL.
 */
export const sqlValue = z.union([
  z.null(),
  z.number(),
  z.string(),
  z.object({ integer: integerText }),
  z.object({ real: z.number() }),
  z.object({ blob: z.string().regex(/^([0-9a-fA-F]{2})*$/) }),
])
export type SqlValue = z.infer<typeof sqlValue>

/** Parameters of a statement: by position for `?`, or by name (without its prefix) for `:name`, `@name` and `$name`. */
export const sqlParams = z.union([z.array(sqlValue), z.record(z.string(), sqlValue)])
export type SqlParams = z.infer<typeof sqlParams>
