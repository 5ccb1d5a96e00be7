import { SEQUENCES } from '../escape-sequences.ts'

/** As much of the end of an output as is looked at, in code units: some fifty lines, or a few states of a wide bar. */
export const PROGRESS_WINDOW = 4_096

/** The latest pieces of it that are looked at: more are a flood in which nobody reads a progress. */
const MOST_PIECES = 64
/** Of one piece: a bar of a terminal's width with its words. */
const MOST_OF_PIECE = 512
/** What precedes a number says which progress it is; so much of it is compared. */
const MOST_OF_KEY = 24

/** How far something is, as a program has written it. */
export interface Sighting {
  /** From 0 to 1. */
  readonly fraction: number
  /** Where it counts: 12 of 345. */
  readonly counted?: { readonly done: number; readonly total: number }
  /** The words around it, without their numbers: the same of one progress all along. */
  readonly key: string
}

interface Piece {
  readonly text: string
  /** It was written in place of another, or was itself written over: what only a progress does. */
  readonly writtenOver: boolean
  /** More of it may follow. */
  readonly open: boolean
}

interface Found extends Sighting {
  /** How often it must have grown before it is believed: any number can stand before a percent sign. */
  readonly growthNeeded: number
}

/** Ends of pieces: lines, carriage returns and steps back, by which bars are written over. */
const SEPARATOR = /(\r*\n|\r+|\u0008+)/u
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/gu

/** `45%`, `45.2 %`; not a part of a word, a ratio or another number. */
const PERCENT = /(?<![\w.,:=+-])(\d{1,3}(?:\.\d{1,3})?) ?%(?!\w)/gu
/** `12/345`, `12 of 345`, `12.3/45.6 MB`, `12.3MB/45.6MB`; not a date, a path or the tail of another number. */
const COUNT =
  /(?<![\w./:=-])(\d{1,15}(?:\.\d{1,3})?) ?([kKMGT]i?B)?(?: ?\/ ?| of )(\d{1,15}(?:\.\d{1,3})?) ?([kKMGT]i?B)?(?![\w./-]|:\d|$)/gu
/** Characters that only bars are drawn with, and what is between brackets like a bar written with ASCII. */
const DRAWN_BAR = /[\u2501\u2578\u257a\u2580-\u259f\u25a0\u25a1\u25b0\u25b1\u28ff]{3}/u
const FRAME = /[[(|]([=#*>\-. ]{4,})[\])|]/u
const FILLED = /[=#*>]/u
/** A number alone in brackets at the beginning or the end of a line, as build tools and test runners have it. */
const BRACKETED = /^\s*[[(]\s*[\d.]+(?: ?%|\s*\/\s*\d+)\s*[\])]|[[(]\s*[\d.]+ ?%\s*[\])]\s*$/u

/** What every progress has in it. */
const MAY_TELL = /[%/]| of /u

const UNITS = ['', 'k', 'm', 'g', 't']
/** Between a count and a percentage of the same thing, which one of them has rounded. */
const ROUNDED = 0.015

/**
 * Finds how far a program is in the end of what it has written. Believed are bars, numbers that are written over, numbers
 * in brackets where tools put them, and other numbers only once they were seen to grow. Only the last PROGRESS_WINDOW of
 * the text is looked at, in one pass.
 * @param known the key of what was seen before; it is preferred to others.
 */
export function sightProgress(text: string, known?: string): Sighting | undefined {
  if (!MAY_TELL.test(text)) return undefined
  const found = piecesOf(text).flatMap((piece) => findIn(piece) ?? [])
  const believed = found.filter((one) => isBelieved(one, found, known))
  const latest = believed.findLast(({ key }) => key === known) ?? believed.at(-1)
  if (!latest) return undefined
  const { fraction, counted, key } = latest
  return { fraction, key, ...(counted && { counted }) }
}

function piecesOf(text: string): Piece[] {
  const cut = text.length > PROGRESS_WINDOW
  const parts = text.slice(-PROGRESS_WINDOW).split(SEPARATOR)
  const pieces: Piece[] = []
  // Text and separator by turns; where the window begins within a piece, its number may be a part of one.
  const first = Math.max(cut ? 2 : 0, parts.length - (2 * MOST_PIECES - 1))
  for (let at = first; at < parts.length; at += 2) {
    const part = (parts[at] ?? '').replace(SEQUENCES, '').replace(CONTROL, '')
    if (part.trim() === '') continue
    const before = parts[at - 1] ?? '\n'
    const after = parts[at + 1]
    pieces.push({
      text: part.slice(-MOST_OF_PIECE),
      writtenOver: !before.endsWith('\n') || (after !== undefined && !after.endsWith('\n')),
      open: after === undefined,
    })
  }
  return pieces
}

function findIn({ text, writtenOver, open }: Piece): Found | undefined {
  const percent = percentIn(text)
  // A total that more digits may follow is none.
  const count = countIn(open ? text : `${text} `)
  if (percent === 'several') return undefined
  const sure = writtenOver || hasBar(text) || BRACKETED.test(text)
  if (percent) {
    const same = count && Math.abs(count.fraction - percent.fraction) <= ROUNDED
    return {
      ...(same ? count : percent),
      key: sure && BRACKETED.test(text) ? '%' : keyOf(text, percent.at),
      growthNeeded: sure ? 0 : 2,
    }
  }
  if (!count) return undefined
  return {
    ...count,
    key: sure && BRACKETED.test(text) ? '/' : keyOf(text, count.at),
    growthNeeded: sure ? 0 : 1,
  }
}

function hasBar(text: string): boolean {
  return DRAWN_BAR.test(text) || FILLED.test(FRAME.exec(text)?.[1] ?? '')
}

function percentIn(text: string): { readonly fraction: number; readonly at: number } | 'several' | undefined {
  const [first, second] = text.matchAll(PERCENT)
  if (!first) return undefined
  const fraction = Number(first[1]) / 100
  return second || fraction > 1 ? 'several' : { fraction, at: first.index }
}

function countIn(
  text: string,
):
  | { readonly fraction: number; readonly counted: { done: number; total: number }; readonly at: number }
  | undefined {
  for (const match of text.matchAll(COUNT)) {
    const [, doneText = '', doneUnit, totalText = '', totalUnit] = match
    const done = Number(doneText) * factorOf(doneUnit ?? totalUnit)
    const total = Number(totalText) * factorOf(totalUnit ?? doneUnit)
    if (total >= 2 && done <= total)
      return { fraction: done / total, counted: { done, total }, at: match.index }
  }
  return undefined
}

/** Both numbers of a count have the same base, so which it is does not matter. */
function factorOf(unit: string | undefined): number {
  return 1_000 ** Math.max(0, UNITS.indexOf((unit ?? '').slice(0, 1).toLowerCase()))
}

/** The words before a number, in which only numbers and the bar change. */
function keyOf(text: string, at: number): string {
  return text
    .slice(0, at)
    .replace(/\d+/gu, '0')
    .replace(/[^\p{L}0]+/gu, ' ')
    .trim()
    .slice(-MOST_OF_KEY)
}

function isBelieved(one: Found, found: readonly Found[], known: string | undefined): boolean {
  if (one.growthNeeded === 0) return true
  const alike = found.filter(({ key, counted }) => key === one.key && counted?.total === one.counted?.total)
  let growth = 0
  for (const [index, { fraction }] of alike.entries()) {
    const before = alike[index - 1]?.fraction ?? fraction
    if (fraction < before) return false
    if (fraction > before) growth += 1
  }
  return growth >= one.growthNeeded || (known === one.key && alike.length > 0)
}
