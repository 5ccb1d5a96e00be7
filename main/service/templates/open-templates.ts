import {
  template as templateShape,
  type serviceTemplates,
  type Template,
} from '#contract/template/template.ts'
import { templateTroubles } from '#contract/template/fill.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { templateTroubleWords } from '#kit/template-words.ts'
import type { AppDatabase } from '../app-database/client.ts'
import { checkCommand } from '../commands/check-command.ts'
import type { Vault } from '../secrets/vault.ts'

interface TemplatesOptions {
  readonly database: AppDatabase
  readonly vault: Pick<Vault, 'sealSpec'>
  /** Told of what is not stored as it should be, and passed over. */
  readonly onTrouble: (message: string) => void
}

/** The commands that are kept with their parameters. */
export interface Templates {
  readonly handlers: Handlers<typeof serviceTemplates>
}

export async function openTemplates({ database, vault, onTrouble }: TemplatesOptions): Promise<Templates> {
  const listeners = new Set<() => void>()
  let templates = await read()
  /** One after the other: whether a name is free must not change meanwhile. */
  let turn: Promise<unknown> = Promise.resolve()

  async function read(): Promise<ReadonlyMap<string, Template>> {
    const rows = await database.ask('template.list')
    const kept = rows.flatMap(({ name, content }): [string, Template][] => {
      const parsed = templateShape.safeParse({ ...parseJson(content), name })
      if (parsed.success) return [[name, parsed.data]]
      onTrouble(`The template "${name}" is not stored as it should be and is passed over.`)
      return []
    })
    return new Map(kept)
  }

  async function changed(): Promise<void> {
    templates = await read()
    for (const listener of listeners) listener()
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  function find(name: string): Template {
    const found = templates.get(name)
    if (found) return found
    const others = [...templates.keys()].map((each) => `"${each}"`).join(', ')
    throw failed('not-found', `There is no template "${name}". There is ${others || 'none at all'}.`)
  }

  async function save(wanted: Template, replaces: string | undefined): Promise<Template> {
    const [trouble] = templateTroubles(wanted)
    if (trouble) throw failed('invalid-params', templateTroubleWords(trouble))
    checkCommand(wanted.command)
    if (replaces !== undefined) find(replaces)
    if (wanted.name !== replaces && templates.has(wanted.name))
      throw failed(
        'conflict',
        `There is a template "${wanted.name}" already. Choose another name, or change that one.`,
      )
    const { name, ...content } = wanted
    const command = await vault.sealSpec(wanted.command)
    // It is made of itself and of no other.
    delete command.template
    await database.ask('template.save', {
      name,
      content: JSON.stringify({ ...content, command }),
      replaces: replaces ?? null,
    })
    await changed()
    return find(name)
  }

  return {
    handlers: {
      'templates.watch': (_params, context) =>
        emitLatest(
          context,
          () => ({ templates: [...templates.values()] }),
          (listener) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        ),
      'template.get': ({ name }) => find(name),
      'template.save': ({ template, replaces }) => inTurn(() => save(template, replaces)),
      'template.delete': ({ name }) =>
        inTurn(async () => {
          find(name)
          await database.ask('template.delete', { name })
          await changed()
          return {}
        }),
    },
  }
}

/** The object in a text; none when it holds something else, which the validator then refuses. */
function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
