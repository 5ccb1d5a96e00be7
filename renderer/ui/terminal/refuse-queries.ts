import type { IParser } from '@xterm/xterm'

/** OSC sequences that set a colour, or ask for it with a question mark: palette, foreground, background, cursor. */
const COLOUR_SEQUENCES = [4, 10, 11, 12]
/** What a terminal says when the window gains or loses the focus: nobody has typed that. */
const FOCUS_REPORT = /^\x1b\[[IO]$/

/** Every CSI sequence to which the terminal would answer: attributes, status, modes and version. */
const QUERIES = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '>', final: 'q' },
  { final: 't' },
]

/**
 * Keeps a terminal from answering what its output asks: an answer would be typed into the command, and output may come from
 * anywhere. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
export function refuseQueries(parser: IParser): void {
  for (const query of QUERIES) parser.registerCsiHandler(query, () => true)
  // DECRQSS asks for a setting.
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => true)
  for (const number of COLOUR_SEQUENCES)
    parser.registerOscHandler(number, (content) => content.split(';').includes('?'))
}

/** Whether the terminal itself speaks, and not the person. */
export function isReport(data: string): boolean {
  return FOCUS_REPORT.test(data)
}
