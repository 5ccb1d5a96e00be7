import { z } from 'zod'

/** Longer than the longest name of a key with every modifier. */
const MAX_SHORTCUT_LENGTH = 40
/** Longer than the name of any command. */
const MAX_COMMAND_LENGTH = 60
/** More than anybody remembers for one command. */
export const MAX_SHORTCUTS = 4

/** Keys such as `Mod+Shift+P`, where Mod is Ctrl, or Command on a Mac, and Ctrl is the Mac's other one. The last is a key, also `+`. */
export const shortcut = z
  .string()
  .max(MAX_SHORTCUT_LENGTH)
  .regex(/^(?:(?:Mod|Ctrl|Alt|Shift)\+)*(?:\+|[^+\s]+)$/u)

/** The shortcuts that the person has chosen, by command; none for an empty list. Commands that are not in it have their own. */
export const chosenShortcuts = z.record(
  z.string().max(MAX_COMMAND_LENGTH),
  z.array(shortcut).max(MAX_SHORTCUTS),
)
export type ChosenShortcuts = z.infer<typeof chosenShortcuts>

/** The shortcuts, before any is chosen, of the commands that the system's menu has as well. */
export const menuShortcuts = { 'tab.close': ['Mod+W'], 'app.quit': ['Mod+Q'] } as const

/** The key of a shortcut and the modifiers before it. */
export function partsOfShortcut(text: string): {
  readonly modifiers: readonly string[]
  readonly key: string
} {
  // The key may be the sign that stands between the parts.
  const at = text.lastIndexOf('+', text.length - 2)
  return {
    modifiers: at === -1 ? [] : text.slice(0, at).split('+'),
    key: text.slice(at + 1),
  }
}
