import Anser from 'anser'

/** A stretch of a line in one style. */
export interface LineSpan {
  readonly text: string
  /** Classes of the log's style sheet. */
  readonly classes: readonly string[]
  /** Colours that are no class: of the 256-colour palette, or any. CSS colours. */
  readonly color?: string
  readonly background?: string
}

/** Operating system commands, such as titles and links: `ESC ] … BEL` or `ESC ] … ESC \`. */
const OPERATING_SYSTEM_COMMAND = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\|$)/gu
/** Control sequences other than colours: cursor movements and the like, which have no meaning in a log. */
const OTHER_SEQUENCE = /\u001b\[[0-9;?]*[@-ln-~]|\u001b[@-Z\\^_=>78]/gu
/** What is left of control characters, other than tabs. */
const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/gu

/** Anser's names of the sixteen colours, as classes. */
const NAMED_COLOUR = /^ansi-(?:bright-)?(?:black|red|green|yellow|blue|magenta|cyan|white)$/u
const PALETTE_COLOUR = /^ansi-palette-(\d{1,3})$/u

/**
 * A line of a command's output as styled text, each line by itself: colours that a line leaves on do not reach the next
 * one. Of a line that was written over with carriage returns, as progress bars do, what was written last is shown.
 */
export function lineSpans(text: string): readonly LineSpan[] {
  const shown = lastWritten(text).replace(OPERATING_SYSTEM_COMMAND, '').replace(OTHER_SEQUENCE, '')
  if (!shown.includes('\u001b'))
    return shown === '' ? [] : [{ text: shown.replace(CONTROL, ''), classes: [] }]
  return Anser.ansiToJson(shown, { json: true, remove_empty: true, use_classes: true }).map(spanOf)
}

/** What a terminal would show at the end of a line that has carriage returns in it. */
function lastWritten(text: string): string {
  const end = text.endsWith('\r') ? text.replace(/\r+$/u, '') : text
  const start = end.lastIndexOf('\r')
  return start === -1 ? end : end.slice(start + 1)
}

function spanOf(entry: Anser.AnserJsonEntry): LineSpan {
  const classes: string[] = entry.decorations.map((decoration) => `log-${decoration}`)
  const color = colourOf(entry.fg, entry.fg_truecolor, classes, 'fg')
  const background = colourOf(entry.bg, entry.bg_truecolor, classes, 'bg')
  const text = entry.content.replace(CONTROL, '').replaceAll('\u001b', '')
  return { text, classes, ...(color && { color }), ...(background && { background }) }
}

function colourOf(
  name: string | null,
  rgb: string | null,
  classes: string[],
  side: 'fg' | 'bg',
): string | undefined {
  if (!name) return undefined
  if (rgb && name === 'ansi-truecolor') return `rgb(${rgb})`
  if (NAMED_COLOUR.test(name)) {
    classes.push(`${side}-${name.slice('ansi-'.length)}`)
    return undefined
  }
  const palette = PALETTE_COLOUR.exec(name)
  return palette ? paletteColour(Number(palette[1])) : undefined
}

/** The first 16 entries of the palette are the named colours. */
const CUBE_START = 16
/** Then a cube of 6 × 6 × 6, then 24 greys. */
const GREYS_START = 232
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255]

/** A colour of xterm's 256-colour palette; only called for those that have no name. */
function paletteColour(index: number): string {
  if (index >= GREYS_START) {
    const level = 8 + (index - GREYS_START) * 10
    return `rgb(${level}, ${level}, ${level})`
  }
  const place = index - CUBE_START
  const level = (step: number): number => CUBE_LEVELS[Math.floor(place / step) % CUBE_LEVELS.length] ?? 0
  return `rgb(${level(36)}, ${level(6)}, ${level(1)})`
}
