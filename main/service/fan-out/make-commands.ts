import type { CommandSpec } from '#contract/run.ts'
import { fill, templateTroubles, type Fillable } from '#contract/template/fill.ts'
import type { FanOut } from '#contract/template/fan-out.ts'
import type { Parameter } from '#contract/template/parameter.ts'
import { namesIn } from '#contract/template/placeholders.ts'
import { failed } from '#kit/request-failed.ts'
import { badValueWords, templateTroubleWords } from '#kit/template-words.ts'
import { checkCommand } from '../commands/check-command.ts'
import { slices } from '../scheduler/slices.ts'
import { readItems, type Items, type ReadItemsOptions } from './read-items.ts'

/**
 * Makes the command for each of many.
 * @throws RequestFailed `invalid-params` for the first that cannot be made, with its place; `not-found`.
 */
export async function makeCommands(
  options: ReadItemsOptions,
  asked: FanOut,
  signal: AbortSignal,
): Promise<CommandSpec[]> {
  const named = namesIn(asked.command)
  const declared = asked.parameters && new Set(asked.parameters.map(({ name }) => name))
  const items = await readItems(options, asked.source, (name) => (declared ?? named).has(name), signal)
  if (items.items.length === 0) throw failed('invalid-params', 'There is nothing to run the command for.')
  const fillable = withParameters(asked, items, named)
  const [trouble] = templateTroubles(fillable)
  if (trouble) throw failed('invalid-params', templateTroubleWords(trouble))

  const pause = slices()
  const commands: CommandSpec[] = []
  for (const { place, values } of items.items) {
    signal.throwIfAborted()
    const filled = fill(fillable, { ...values, ...asked.values }, asked.template)
    if (!filled.ok) throw failed('invalid-params', `${place}: ${filled.bad.map(badValueWords).join(' ')}`)
    if (commands.length === 0) checkCommand(filled.command)
    commands.push(filled.command)
    await pause()
  }
  return commands
}

/** The command with the parameters that it is filled by: those of its template, or those that it names. */
function withParameters(
  { command, parameters, source }: FanOut,
  { names }: Items,
  named: ReadonlySet<string>,
): Fillable {
  if (parameters) {
    if (names.some((name) => parameters.some((parameter) => parameter.name === name)))
      return { command, parameters }
    throw failed(
      'invalid-params',
      `The template has none of these parameters: ${names.join(', ')}. It has ${parameters.map(({ name }) => name).join(', ') || 'none'}.`,
    )
  }
  const used = names.filter((name) => named.has(name)).map((name): Parameter => ({ type: 'text', name }))
  if (used.length > 0) return { command, parameters: used }
  const [only] = names
  // As xargs does it.
  if (command.command.kind === 'program' && source.kind !== 'result' && only !== undefined) {
    const args = [...command.command.args, `{${only}}`]
    return {
      command: { ...command, command: { ...command.command, args } },
      parameters: [{ type: 'text', name: only }],
    }
  }
  const [open, close] = command.command.kind === 'shell' ? ['"$', '"'] : ['{', '}']
  throw failed(
    'invalid-params',
    `The command would be the same each time. Name what changes: ${names.map((name) => open + name + close).join(', ')}.`,
  )
}
