import { partsOfShortcut } from '#contract/shortcut.ts'

/** Electron's names of the modifiers. */
const MODIFIERS: Readonly<Record<string, string>> = { Mod: 'CommandOrControl', Ctrl: 'Control' }
/** Electron's names of the keys that the page names otherwise. */
const KEYS: Readonly<Record<string, string>> = {
  '+': 'Plus',
  Escape: 'Esc',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
}
/** The keys that Electron has a name for; a menu with another one would not open at all. */
const KNOWN =
  /^(?:[A-Z0-9]|[!-/:-@[-`{-~]|F\d{1,2}|Plus|Space|Tab|Backspace|Delete|Insert|Enter|Up|Down|Left|Right|Home|End|PageUp|PageDown|Esc)$/u

/** A shortcut as Electron writes it, such as `CommandOrControl+Shift+P`; undefined for keys that it has no name for. */
export function acceleratorOf(shortcut: string): string | undefined {
  const { modifiers, key } = partsOfShortcut(shortcut)
  const named = KEYS[key] ?? key
  if (!KNOWN.test(named)) return undefined
  return [...modifiers.map((modifier) => MODIFIERS[modifier] ?? modifier), named].join('+')
}
