import type { Pipe } from '#contract/pipe.ts'
import type { Run, RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { asking } from '../asking.ts'
import { callerEnvironment } from '../caller-environment.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { environmentOf } from '../runs/command-words.ts'
import { followOutput } from '../runs/follow-output.ts'
import { parseId } from '../runs/parse-ids.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { pipeWords, sizeOf, splitPipe, stagesOf } from '../runs/pipe-words.ts'
import { runJson, stateWords, statusOf } from '../runs/run-words.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop pipe [options] -- <program> [arguments] --into -- <program> [arguments] ...
offloop pipe [options] --query <database> <statement> --into -- <program> [arguments]
offloop pipe [options] --into-table <database> <table> -- <program> [arguments]
offloop pipe --show <number>

Joins commands by bounded buffers: what one writes to its standard output the next reads from its standard input, and
a full buffer makes the writer wait. A query's rows may come first, and a table may come last; the table has all rows
when the command before it has ended with status 0, and else none. Prints the numbers of the runs, the first one first.
They start together, and go on whatever becomes of this terminal or of Offloop.

  --query <database> <sql>   begin with the rows of a statement
  --into-table <db> <table>  end in a new table
  --append                   add to a table that is there, by the names of its columns
  --format <format>          csv (unless given), tsv or jsonl: how rows are written, and read for a table
  --table-format <format>    the same for the table alone
  --no-header                no line of column names
  --and -- <program>         another one beside the last: several writers are merged by whole lines
  --copy, --share            what readers side by side get: each of them everything, or each line one of them
  --strict                   a command that does not end with 0 stops those that read from it; else it is only the end
                             of their input, as in a shell
  --buffer <size>            of each buffer: 1M unless it is given
${termsHelp
  .split('\n')
  .filter((line) => !/--retr/.test(line))
  .join('\n')}
  --folder <path>            where to run the commands; here unless it is given
  --env <NAME=value>         set a variable, or unset it with NAME alone; may be repeated
  --shell                    take the words of each command as a line for the shell
  --wait                     write what the last command writes, and end with the status of the last run that did not
                             end well; Ctrl-C cancels all
  --json                     print the pipes and runs as an object
  --show <number>            how full a pipe is, and who waits for whom`

/** `offloop pipe` */
export const pipe: Command = { about: 'join commands, queries and tables', help, run: runPipe }

async function runPipe(context: CommandContext): Promise<number> {
  const words = splitPipe(context.words)
  const { values, positionals } = parseWords(words.own, {
    ...termOptions,
    append: { type: 'boolean', default: false },
    format: { type: 'string' },
    'table-format': { type: 'string' },
    'no-header': { type: 'boolean', default: false },
    copy: { type: 'boolean' },
    share: { type: 'boolean' },
    strict: { type: 'boolean' },
    buffer: { type: 'string' },
    folder: { type: 'string' },
    env: { type: 'string', multiple: true },
    shell: { type: 'boolean', default: false },
    wait: { type: 'boolean' },
    json: { type: 'boolean' },
    show: { type: 'string' },
  })
  if (values.show !== undefined) return showPipe(context, parseId([values.show]), values.json ?? false)
  if (positionals.length > 0) throw new WrongUsage(`Write -- before "${positionals.join(' ')}"`)
  if (values.copy && values.share) throw new WrongUsage('Give --copy or --share, not both')
  const spread = values.copy ? ('copy' as const) : values.share ? ('share' as const) : undefined
  const stages = stagesOf(words, {
    shell: values.shell,
    folder: values.folder,
    environment: environmentOf(values.env ?? []),
    callerEnvironment: callerEnvironment(process.env),
    format: values.format,
    tableFormat: values['table-format'],
    header: !values['no-header'],
    append: values.append,
  })
  const request = {
    stages,
    spread,
    strict: values.strict,
    capacity: values.buffer === undefined ? undefined : sizeOf(values.buffer),
    terms: parseTerms(values),
  }
  const { output, signal } = context
  return asking(context, async (client) => {
    const made = await client.call('pipe.run', request, { signal })
    if (values.wait) return untilEnd(client, made, context)
    const shown = { pipes: made.pipes, runs: made.runs.map((one) => runJson(one)) }
    await output.write(
      values.json ? `${JSON.stringify(shown)}\n` : `${made.runs.map(({ id }) => id).join(' ')}\n`,
    )
    await output.end()
    return EXIT.done
  })
}

async function showPipe(context: CommandContext, id: number, json: boolean): Promise<number> {
  const { output, signal } = context
  return asking(context, async (client) => {
    const found = await client.call('pipe.get', { id }, { signal })
    await output.write(`${json ? JSON.stringify(found) : pipeWords(found)}\n`)
    await output.end()
    return EXIT.done
  })
}

async function untilEnd(
  client: Client<ServiceContract>,
  made: { readonly pipes: readonly Pipe[]; readonly runs: readonly Run[] },
  { output, say, signal }: CommandContext,
): Promise<number> {
  const ids = made.runs.map(({ id }) => id)
  const last = made.runs.at(-1)
  try {
    if (last?.kind === 'command') await followOutput({ client, id: last.id, output, from: 0, signal })
    await client.call('runs.wait', { ids, until: 'all' }, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
    await Promise.all(ids.map((id) => client.call('run.cancel', { id })))
  }
  await output.end()
  const { finished: runs } = await client.call('runs.wait', { ids, until: 'all' })
  const pipes = await Promise.all(made.pipes.map(({ id }) => client.stream('pipe.watch', { id }).result))
  const excused = writersWithoutReader(pipes, runs)
  for (const { id, state } of runs)
    if (state.kind !== 'done' && !excused.has(id)) say(`offloop: run ${id} ${stateWords(state)}`)
  for (const one of pipes)
    if (one.state.kind !== 'whole' && !isExcused(one, excused)) say(`offloop: ${pipeWords(one)}`)
  const failed = runs.findLast(({ id, state }) => state.kind !== 'done' && !excused.has(id))
  return failed ? statusOf(failed.state) : EXIT.done
}

/** Those whose reader had seen enough, which is no failure: as `yes | head` in a shell. */
function writersWithoutReader(pipes: readonly Pipe[], runs: readonly Run[]): Set<RunId> {
  const done = new Set(runs.filter(({ state }) => state.kind === 'done').map(({ id }) => id))
  const excused = new Set<RunId>()
  for (const { state, readers, writers } of pipes.toReversed()) {
    if (state.kind !== 'ended-early') continue
    if (!readers.every(({ run }) => done.has(run) || excused.has(run))) continue
    for (const { run } of writers) excused.add(run)
  }
  return excused
}

function isExcused({ writers }: Pipe, excused: ReadonlySet<RunId>): boolean {
  return writers.every(({ run }) => excused.has(run))
}
