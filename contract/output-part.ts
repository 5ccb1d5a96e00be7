import { z } from 'zod'

/**
 * Which part of what a command writes: everything, in the order of writing, or standard error alone. The latter is there
 * where the command was asked to have it told apart.
 */
export const outputPart = z.enum(['all', 'errors'])
export type OutputPart = z.infer<typeof outputPart>
