import type { Run, RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { failureOf, RequestFailed } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import { callerEnvironment } from '../caller-environment.ts'
import type { Command, CommandContext } from '../command.ts'
import { failureText } from '../failure-text.ts'
import { parseWords } from '../parse-words.ts'
import { askedCommand } from '../runs/asked-command.ts'
import { commandHelp, commandOptions } from '../runs/command-options.ts'
import { splitWords } from '../runs/command-words.ts'
import { followOutput } from '../runs/follow-output.ts'
import { isTerminal, joinTerminal } from '../runs/join-terminal.ts'
import { parseRoom, roomHelp, roomOptions } from '../runs/parse-place.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { eachHelp, eachOptions, isForEach, runForEach } from '../runs/run-for-each.ts'
import { sendInput } from '../runs/send-input.ts'
import { runJson, stateWords, statusOf } from '../runs/run-words.ts'
import { templateHelp, templateOptions } from '../templates/use-template.ts'

const help = `offloop run [options] -- <program> [arguments]
offloop run --shell [options] -- '<line>'
offloop run --template <name> [--param <name=value>]… [options]
offloop run --for-each-line <file> [options] -- <program> [arguments with {line}]
offloop run --for-each-row <database> [options] '<sql>' -- <program> [arguments with {column}]

Adds a command to a pool and prints the number of its run. The command goes on whatever becomes of this terminal; it
has the folder and the environment of this shell.

${templateHelp}
${eachHelp}
${termsHelp}
${commandHelp}
  --stdin                    send it this standard input, to its end, as fast as the command reads
${roomHelp}
  --wait                     write what the command writes, and end with its exit status; Ctrl-C cancels the run
  --json                     print the run as an object`

/** `offloop run` */
export const run: Command = { about: 'run a command, now or later', help, run: runCommand }

async function runCommand(context: CommandContext): Promise<number> {
  const { output, say, signal } = context
  const { own, command } = splitWords(context.words)
  const { values, positionals } = parseWords(own, {
    ...termOptions,
    ...commandOptions,
    ...templateOptions,
    ...eachOptions,
    stdin: { type: 'boolean' },
    ...roomOptions,
    wait: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const asked = {
    callerEnvironment: callerEnvironment(process.env),
    ...parseRoom(values),
  }
  if (isForEach(values)) {
    const add = runForEach(
      values,
      { before: positionals, behind: command },
      { ...asked, terms: parseTerms(values) },
    )
    return asking(context, (client) => add(client, context))
  }
  const find = askedCommand(values, [...positionals, ...command])
  return asking(context, async (client) => {
    const { spec, terms } = await find(client, signal)
    const made = await client.call('command.run', { ...spec, ...asked, terms }, { signal })
    if (hasSecrets(made)) await sayWhereKept(client, context)
    if (!values.wait) {
      if (values.stdin)
        await giveInput(client, made, context).catch((error: unknown) => {
          say(`offloop: run ${made.id} waits for more of its input, or: offloop send ${made.id} --close`)
          throw error
        })
      await output.write(values.json ? `${JSON.stringify(runJson(made))}\n` : `${made.id}\n`)
      await output.end()
      if (made.state.kind === 'failed-to-spawn') say(`offloop: ${made.state.message} [spawn]`)
      return made.state.kind === 'failed-to-spawn' ? statusOf(made.state) : 0
    }
    const over = new AbortController()
    const signals = AbortSignal.any([signal, over.signal])
    const tell = (error: unknown): void => {
      if (!signals.aborted) say(failureText(failureOf(error)))
    }
    if (values.stdin) void giveInput(client, made, { ...context, signal: signals }).catch(tell)
    else if (made.kind === 'command' && made.spec.terminal && isTerminal(context.input))
      void untilStarted(client, made.id, signals).then(
        () => joinTerminal(client, made.id, { input: context.input, signal: signals, onTrouble: tell }),
        tell,
      )
    const ended = await untilEnd(client, made, context).finally(() => over.abort())
    await output.end()
    if (ended.state.kind !== 'done' && !isOwnStatus(ended))
      say(`offloop: run ${ended.id} ${stateWords(ended.state)}`)
    return statusOf(ended.state)
  })
}

function hasSecrets({ spec }: Run): boolean {
  if (spec.kind !== 'command') return false
  return Object.values(spec.environment).some((change) => change !== null && typeof change !== 'string')
}

async function sayWhereKept(client: Client<ServiceContract>, { say, signal }: CommandContext): Promise<void> {
  const { kept } = await client.call('secrets.where', {}, { signal })
  switch (kept) {
    case 'keychain':
      return
    case 'obscured':
      return say('offloop: its secrets are only obscured: this system has no keychain that Offloop can use')
    case 'memory':
      return say('offloop: its secrets are kept until Offloop ends: nothing on this system can encrypt them')
    default:
      return kept satisfies never
  }
}

/** An exit status says it all; whatever else ended the run is worth a line. */
function isOwnStatus({ state }: Run): boolean {
  return state.kind === 'failed' && state.cause.kind === 'exit'
}

/** Sends a command this standard input, from its start to the end of either. */
async function giveInput(
  client: Client<ServiceContract>,
  { id }: Run,
  { input, signal }: CommandContext,
): Promise<void> {
  try {
    await untilStarted(client, id, signal)
    await sendInput(client, id, input, true, signal)
  } catch (error) {
    // Whoever does not read to the end has seen enough, as in any pipeline.
    if (signal.aborted || !(error instanceof RequestFailed) || error.code !== 'invalid-params') throw error
  }
}

async function untilStarted(client: Client<ServiceContract>, id: RunId, signal: AbortSignal): Promise<void> {
  const watching = client.stream('run.watch', { id }, { signal })
  watching.result.catch(() => undefined)
  for await (const { state } of watching) if (state.kind !== 'queued') return
}

async function untilEnd(
  client: Client<ServiceContract>,
  { id }: Run,
  { output, errorOutput, say, signal }: CommandContext,
): Promise<Run> {
  const onAttempt = (number: number): void => say(`offloop: attempt ${number} of run ${id}`)
  try {
    return await followOutput({ client, id, output, errors: errorOutput, from: 0, signal, onAttempt })
  } catch (error) {
    if (!signal.aborted) throw error
    return await client.call('run.cancel', { id })
  }
}
