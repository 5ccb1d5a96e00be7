import { z } from 'zod'
import { call, stream } from '../channel.ts'
import { commandSpec } from '../run.ts'
import { askedTerms } from '../terms.ts'
import { parameter } from './parameter.ts'

/** More than a form can ask for. */
const MAX_PARAMETERS = 100
const MAX_NAME_LENGTH = 100
const MAX_DESCRIPTION_LENGTH = 10_000

/** A name as people give it, on one line, without spaces at its ends. */
export const templateName = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(/^[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$/u)

/** A command of which parts are asked for when it is used. */
export const template = z.object({
  name: templateName,
  description: z.string().max(MAX_DESCRIPTION_LENGTH).optional(),
  /** With `{name}` where the value of a parameter is to stand; see fill.ts. */
  command: commandSpec,
  parameters: z.array(parameter).max(MAX_PARAMETERS),
  terms: askedTerms.optional(),
})
export type Template = z.infer<typeof template>

/** What the service answers about templates. */
export const serviceTemplates = {
  /** All of them by name: now, and whenever one has changed. */
  'templates.watch': stream(z.object({}), z.object({ templates: z.array(template) }), z.object({})),
  /** Fails with `not-found`. */
  'template.get': call(z.object({ name: z.string() }), template),
  /**
   * Keeps a template: a new one, or instead of the one that `replaces` names, under whatever name. Secrets of its environment
   * are sealed. Fails with `conflict` when another has its name, `not-found`, or `invalid-params` with what is wrong.
   */
  'template.save': call(z.object({ template, replaces: z.string().optional() }), template),
  /** Fails with `not-found`. */
  'template.delete': call(z.object({ name: z.string() }), z.object({})),
}
