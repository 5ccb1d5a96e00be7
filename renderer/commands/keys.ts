/** The part of a KeyboardEvent that decides which command it is. */
export interface PressedKey {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

/** Whether a pressed key is the one that `keys` (such as `Mod+Shift+P`) names. */
export function keysMatch(keys: string, pressed: PressedKey, isMac: boolean): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1) ?? ''
  const wantsMod = parts.includes('Mod')
  return (
    pressed.key.toLowerCase() === key.toLowerCase() &&
    pressed.ctrlKey === (wantsMod && !isMac) &&
    pressed.metaKey === (wantsMod && isMac) &&
    pressed.shiftKey === parts.includes('Shift') &&
    pressed.altKey === parts.includes('Alt')
  )
}

const MAC_SIGNS: Readonly<Record<string, string>> = {
  Mod: '⌘',
  Shift: '⇧',
  Alt: '⌥',
  Enter: '↩',
  Escape: 'esc',
}
const OTHER_SIGNS: Readonly<Record<string, string>> = { Mod: 'Ctrl', Escape: 'Esc' }

/** Keys as they are written on a system: `Ctrl+Shift+P`, or `⌘⇧P`. */
export function showKeys(keys: string, isMac: boolean): string {
  const signs = isMac ? MAC_SIGNS : OTHER_SIGNS
  return keys
    .split('+')
    .map((part) => signs[part] ?? part)
    .join(isMac ? '' : '+')
}
