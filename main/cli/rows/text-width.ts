/** Drawn two cells wide by terminals: Unicode's East_Asian_Width W and F, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u
const NARROW = /^[\u0020-\u007E]*$/
/** Drawn over the character before. */
const NOTHING = /[\p{Mn}\p{Me}\p{Cf}]/u

/** How many cells of a terminal a text takes. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const character of text) {
    if (NOTHING.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}
