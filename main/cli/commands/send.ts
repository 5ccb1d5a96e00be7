import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { parseId } from '../runs/parse-ids.ts'
import { sendInput } from '../runs/send-input.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop send <run> [options] [-- <text>]
offloop send <run> -

Sends a line to the standard input of a command that runs, or with - all of this standard input, as fast as the command
reads. It must have been started with --stdin or --pty.

  --close        close it afterwards, so that the command finds its end; in a terminal that is Ctrl-D
  --no-newline   send the text as it is, without the end of a line`

/** `offloop send` */
export const send: Command = {
  about: 'send to the standard input of a command',
  help,
  async run(context) {
    const { words, input, signal } = context
    const { values, positionals } = parseWords(words, {
      close: { type: 'boolean', default: false },
      'no-newline': { type: 'boolean', default: false },
    })
    const [first, ...text] = positionals
    const id = parseId(first === undefined ? [] : [first])
    const line = text.join(' ')
    if (text.length === 0 && !values.close)
      throw new WrongUsage('Say what to send: a text, or - for the standard input')
    const all = values['no-newline'] ? line : `${line}\n`
    const sent = line === '-' ? input : text.length === 0 ? [] : [all]
    return asking(context, async (client) => {
      await sendInput(client, id, sent, values.close, signal)
      return EXIT.done
    })
  },
}
