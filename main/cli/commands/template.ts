import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import type { ServiceContract } from '#contract/service.ts'
import { template as templateShape, templateName, type Template } from '#contract/template/template.ts'
import { withoutSecrets } from '#contract/template/template-file.ts'
import { unquotedIn } from '#contract/template/unquoted.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { plainTable } from '../rows/plain-table.ts'
import { commandHelp, commandOptions, specOf } from '../runs/command-options.ts'
import { splitWords } from '../runs/command-words.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { masked, commandText } from '../runs/run-words.ts'
import { parseParameter } from '../templates/parse-parameter.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop template [ls] [--json]
offloop template show <name> [--json]
offloop template save <name> --parameter <name[:type][=default]> … [options] -- <program> [arguments]
offloop template save <name> --parameter … --shell [options] -- '<line>'
offloop template save <name> --from <file>
offloop template copy | rename <name> <other name>
offloop template delete <name>

Keeps commands with parameters, to be run with "offloop run --template <name> --param <name=value>".

In the arguments, the folder, the variables and the standard input {name} stands for the value of a parameter, which stays
within its one argument; {{name}} is the text {name}. A line for the shell has it as the variable "$name", in quotes.

  --parameter <what>         a parameter: name, name:number=12, name:choice(a,b)=a, name:flag(--text), name:file,
                             name:folder, name:secret; one without a default must be given; may be repeated
  --about <name=text>        what a parameter is for; may be repeated
  --description <text>       what the template is for
  --replace                  instead of the one of that name
  --from <file>              as "show --json" has written it; - is the standard input
${termsHelp}
${commandHelp}
  --json                     each template as an object on a line`

/** `offloop template` */
export const template: Command = { about: 'keep commands with parameters', help, run }

async function run(context: CommandContext): Promise<number> {
  const { own, command } = splitWords(context.words)
  const { values, positionals } = parseWords(own, {
    ...termOptions,
    ...commandOptions,
    parameter: { type: 'string', multiple: true },
    about: { type: 'string', multiple: true },
    description: { type: 'string' },
    replace: { type: 'boolean' },
    from: { type: 'string' },
    json: { type: 'boolean' },
  })
  const [verb = 'ls', ...words] = positionals
  const asJson = values.json ?? false
  switch (verb) {
    case 'ls':
      noMore(words)
      return asking(context, async (client) => showAll(await allTemplates(client, context), asJson, context))
    case 'show': {
      const [name, ...rest] = words
      noMore(rest)
      return asking(context, async (client) =>
        showOne(await client.call('template.get', { name: named(name) }, context), asJson, context),
      )
    }
    case 'save': {
      const [name, ...rest] = words
      const wanted =
        values.from === undefined
          ? templateOf(named(name), values, [...rest, ...command])
          : await templateFrom(values.from, name, context)
      sayUnquoted(wanted, context)
      const replaces = values.replace ? wanted.name : undefined
      return asking(context, async (client) => {
        await client.call('template.save', { template: wanted, replaces }, context)
        return EXIT.done
      })
    }
    case 'copy':
    case 'rename': {
      const [name, other, ...rest] = words
      noMore(rest)
      return asking(context, async (client) => {
        const before = await client.call('template.get', { name: named(name) }, context)
        const after = { ...before, name: named(other) }
        const replaces = verb === 'rename' ? before.name : undefined
        await client.call('template.save', { template: after, replaces }, context)
        return EXIT.done
      })
    }
    case 'delete': {
      const [name, ...rest] = words
      noMore(rest)
      return asking(context, async (client) => {
        await client.call('template.delete', { name: named(name) }, context)
        return EXIT.done
      })
    }
    default:
      throw new WrongUsage(`There is no "template ${verb}"`)
  }
}

function named(name: string | undefined): string {
  if (templateName.safeParse(name).success && name !== undefined) return name
  throw new WrongUsage('Give the name of a template, of at most 100 characters on one line')
}

function noMore(words: readonly string[]): void {
  if (words.length > 0) throw new WrongUsage(`"${words.join(' ')}" is too much`)
}

type Values = Parameters<typeof specOf>[0] &
  Parameters<typeof parseTerms>[0] & {
    readonly parameter?: string[] | undefined
    readonly about?: string[] | undefined
    readonly description?: string | undefined
  }

function templateOf(name: string, values: Values, words: readonly string[]): Template {
  const about = new Map(
    (values.about ?? []).map((word): [string, string] => {
      const at = word.indexOf('=')
      if (at < 1) throw new WrongUsage(`"${word}" says nothing about a parameter. Give it as name=text`)
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
  const parameters = (values.parameter ?? []).map((word) =>
    parseParameter(word, about.get(/^\w*/.exec(word)?.[0] ?? '')),
  )
  const { description } = values
  return {
    name,
    ...(description !== undefined && { description }),
    command: specOf(values, words),
    parameters,
    terms: parseTerms(values),
  }
}

/** Reads what `show --json` has written. */
async function templateFrom(
  from: string,
  name: string | undefined,
  { input, signal }: CommandContext,
): Promise<Template> {
  const content = from === '-' ? await readAll(input) : await contentOf(from, signal)
  try {
    const read: unknown = JSON.parse(content)
    return templateShape.parse(typeof read === 'object' && name !== undefined ? { ...read, name } : read)
  } catch {
    throw failed('invalid-params', `"${from}" is no template as "offloop template show --json" writes it.`)
  }
}

async function contentOf(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(file, { encoding: 'utf8', signal })
  } catch (error) {
    throw failed('not-found', `"${file}" cannot be read (${String(error)}).`)
  }
}

function sayUnquoted({ command: { command }, parameters }: Template, { say }: CommandContext): void {
  if (command.kind !== 'shell') return
  const names = parameters.filter(({ type }) => type !== 'flag').map(({ name }) => name)
  for (const name of unquotedIn(command.line, new Set(names)))
    say(`offloop: $${name} has no quotes: the shell splits its value at spaces. Write "$${name}"`)
}

async function allTemplates(
  client: Client<ServiceContract>,
  { signal }: CommandContext,
): Promise<readonly Template[]> {
  const watching = client.stream('templates.watch', {}, { signal })
  watching.result.catch(() => undefined)
  for await (const { templates } of watching) return templates
  return []
}

async function showAll(
  templates: readonly Template[],
  asJson: boolean,
  { output }: CommandContext,
): Promise<number> {
  if (asJson) for (const one of templates) await output.write(`${JSON.stringify(withoutSecrets(one))}\n`)
  else
    await output.write(
      plainTable(
        ['template', 'parameters', 'what'],
        templates.map(({ name, parameters, command }) => [
          name,
          parameters.map((each) => each.name).join(', '),
          commandText(command),
        ]),
      ),
    )
  await output.end()
  return EXIT.done
}

async function showOne(one: Template, asJson: boolean, { output, say }: CommandContext): Promise<number> {
  if (asJson) {
    const shown = withoutSecrets(one)
    const hidden = Object.keys(one.command.environment).filter((name) => !(name in shown.command.environment))
    if (hidden.length > 0)
      say(`offloop: left out, because secrets leave Offloop for nobody: ${hidden.join(', ')}`)
    await output.write(`${JSON.stringify(shown)}\n`)
  } else {
    const rows = [
      ['template', one.name],
      ...(one.description === undefined ? [] : [['about', one.description]]),
      ['what', commandText(one.command)],
      ['folder', one.command.folder],
      ...Object.entries(masked(one.command).environment).map(([name, value]) => [
        'variable',
        typeof value === 'string' ? `${name}=${value}` : `${name} (unset)`,
      ]),
      ...one.parameters.map((each) => ['parameter', parameterText(each)]),
    ]
    await output.write(plainTable(['', ''], rows).replace(/^\s*\n/, ''))
  }
  await output.end()
  return EXIT.done
}

function parameterText(one: Template['parameters'][number]): string {
  const more = one.type === 'choice' ? `(${one.choices.join(',')})` : one.type === 'flag' ? `(${one.on})` : ''
  const fallback = one.type === 'secret' || one.default === undefined ? '' : `=${one.default}`
  return `${one.name}:${one.type}${more}${fallback}${one.description === undefined ? '' : `  ${one.description}`}`
}
