/** Characters of a value that a cell draws; a cell is never that wide. */
const DRAWN_CHARACTERS = 400

/** Where the pictures of control characters begin in Unicode: U+2400 stands for U+0000 and so on. */
const CONTROL_PICTURES = 0x2400
const PICTURE_OF_DELETE = '\u2421'
/** Characters that turn the direction of text or hide in it, and would make a cell lie about its value. */
const HIDDEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu
const CONTROL = /[\u0000-\u001f\u007f]/gu

/** A value as one line in which nothing is invisible: line ends, tabs and other control characters become signs. */
export function visibleText(text: string): string {
  const drawn = text.length > DRAWN_CHARACTERS ? text.slice(0, DRAWN_CHARACTERS) : text
  return drawn.replace(/\r\n/gu, '\u21b5').replace(CONTROL, controlSign).replace(HIDDEN, '\u00b7')
}

function controlSign(character: string): string {
  switch (character) {
    case '\n':
      return '\u21b5'
    case '\t':
      return '\u21e5'
    case '\u007f':
      return PICTURE_OF_DELETE
    default:
      return String.fromCodePoint(CONTROL_PICTURES + (character.codePointAt(0) ?? 0))
  }
}
