import { partsOfShortcut } from '#contract/shortcut.ts'

/** The part of a KeyboardEvent that decides which command it is. */
export interface PressedKey {
  readonly key: string
  /** The place of the key, as a keyboard from the United States names it. */
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

const ASCII = /^[ -~]$/u
/** Places that have a letter or a digit. */
const PLACE = /^(?:Key|Digit)([A-Z\d])$/u
/** What is held down while another key is meant, and what is not yet a key. */
const NOT_KEYS: ReadonlySet<string> = new Set(
  'Control Shift Alt AltGraph Meta CapsLock NumLock ScrollLock Fn Dead Process Unidentified'.split(' '),
)

/**
 * The key that is meant: what it writes, such as `P` or `+`. Where that is no sign that every keyboard has, as with Greek
 * letters or with Option on a Mac, the letter or digit of its place.
 */
function meantKey({ key, code, altKey }: PressedKey, isMac: boolean): string {
  const place = PLACE.exec(code)?.[1]
  const writesOther = key === 'Dead' || (key.length === 1 && (!ASCII.test(key) || (isMac && altKey)))
  if (writesOther && place !== undefined) return place
  return key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key
}

/** Keys that are pressed, as a shortcut is written; undefined while only modifiers are. */
export function shortcutOf(pressed: PressedKey, isMac: boolean): string | undefined {
  const key = meantKey(pressed, isMac)
  if (NOT_KEYS.has(key)) return undefined
  return [
    ...((isMac ? pressed.metaKey : pressed.ctrlKey) ? ['Mod'] : []),
    ...(isMac && pressed.ctrlKey ? ['Ctrl'] : []),
    ...(pressed.altKey ? ['Alt'] : []),
    ...(pressed.shiftKey ? ['Shift'] : []),
    key,
  ].join('+')
}

/** Whether a pressed key is the one that `keys` (such as `Mod+Shift+P`) names. */
export function keysMatch(keys: string, pressed: PressedKey, isMac: boolean): boolean {
  // The system's own key of Windows and Linux is part of no shortcut.
  return (isMac || !pressed.metaKey) && shortcutOf(pressed, isMac) === keys
}

/** Why keys cannot be a shortcut: they write, or the system and its menu need them. */
export type KeysTrouble = 'writes' | 'taken'

const FUNCTION_KEY = /^F\d{1,2}$/u
/** Copying, pasting, undoing, the size of the page, and what systems do with windows. */
const NEEDED: ReadonlySet<string> = new Set([
  ...['C', 'X', 'V', 'A', 'Z', 'Shift+Z', 'Y', 'M', '0', '-', '+', 'Shift++', '='].map(
    (keys) => `Mod+${keys}`,
  ),
  'Alt+F4',
  'F11',
])
const NEEDED_ON_MAC: ReadonlySet<string> = new Set(['Mod+H', 'Mod+Alt+H', 'Mod+Ctrl+F'])

/** Whether keys can be chosen as a shortcut. */
export function troubleWithKeys(keys: string, isMac: boolean): KeysTrouble | undefined {
  const { modifiers, key } = partsOfShortcut(keys)
  if (NEEDED.has(keys) || (isMac && NEEDED_ON_MAC.has(keys))) return 'taken'
  const isHeld = modifiers.some((modifier) => modifier !== 'Shift')
  return isHeld || FUNCTION_KEY.test(key) ? undefined : 'writes'
}

const MAC_SIGNS: Readonly<Record<string, string>> = {
  Mod: '⌘',
  Ctrl: '⌃',
  Shift: '⇧',
  Alt: '⌥',
  Enter: '↩',
  Escape: 'esc',
}
const OTHER_SIGNS: Readonly<Record<string, string>> = { Mod: 'Ctrl', Escape: 'Esc' }
const ARROWS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}

/** Keys as they are written on a system: `Ctrl+Shift+P`, or `⌘⇧P`. */
export function showKeys(keys: string, isMac: boolean): string {
  const signs = isMac ? MAC_SIGNS : OTHER_SIGNS
  const { modifiers, key } = partsOfShortcut(keys)
  return [...modifiers, key].map((part) => signs[part] ?? ARROWS[part] ?? part).join(isMac ? '' : '+')
}
