import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { engineOf } from '#contract/database.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop password <postgres://user@host/database> [--forget]

Saves the password of a server's user, for all databases there. It is read from the standard input, a line, and is never
a word of a command, which every program on this machine could see.

  --forget   forget it instead`

/** `offloop password` */
export const password: Command = { about: 'save the password for a server', help, run }

async function run(context: CommandContext): Promise<number> {
  const { words, profile, launch, say, signal } = context
  const { values, positionals } = parseWords(words, { forget: { type: 'boolean', default: false } })
  const [address, ...rest] = positionals
  if (address === undefined) throw new WrongUsage('Name a server: offloop password <postgres://user@host>')
  if (rest.length > 0) throw new WrongUsage('A password is read from the standard input, and is no word here')
  if (engineOf(address) !== 'postgres')
    throw new WrongUsage('Only a server has a password: postgres://user@host')
  const given = values.forget ? null : await readLine(context)
  const connection = await reachOffloop(profile, launch, signal)
  try {
    const params = { address, password: given }
    const { kept } = await connection.client.call('database.savePassword', params, { signal })
    if (values.forget) say('offloop: the password is forgotten')
    else say(`offloop: ${KEPT[kept]}`)
    return EXIT.done
  } finally {
    connection.close()
  }
}

const KEPT = {
  keychain: "the password is kept with the system's keychain",
  obscured: 'the password is kept, but only obscured: this system has no keychain that Offloop can use',
  memory: 'the password is kept until Offloop ends: nothing on this system can encrypt it',
} as const

/** The first line of the input; on a terminal without showing what is typed. */
async function readLine({ input, say, signal }: CommandContext): Promise<string> {
  const lines = createInterface({ input, terminal: input.isTTY, signal })
  if (input.isTTY) say('offloop: type the password, which is not shown, then Enter')
  try {
    const line: unknown = (await Promise.race([once(lines, 'line'), once(lines, 'close')]))[0]
    if (typeof line === 'string' && line !== '') return line
  } finally {
    lines.close()
  }
  throw new WrongUsage('There is no password in the standard input')
}
