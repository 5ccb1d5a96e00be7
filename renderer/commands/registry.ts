import { onScopeDispose, shallowReactive } from 'vue'
import { t } from '../messages/words.ts'
import { commandsWithKeys, keysOf } from './chosen-keys.ts'
import { commandEntries, commandInfo, type CommandId } from './command-list.ts'
import { keysMatch, showKeys } from './keys.ts'

/** What a command does, for as long as the part of the window that can do it is there. */
export interface Action {
  run(): void
  /** Whether it can be done now; always when left out. Read while rendering, so it may depend on reactive state. */
  enabled?(): boolean
}

/** Of several providers of a command the latest whose action is enabled is meant: the tab that is shown, say. */
const providers = shallowReactive(new Map<CommandId, readonly Action[]>())

/** Provides commands until the surrounding component, or effect scope, is gone. */
export function provideCommands(actions: Readonly<Partial<Record<CommandId, Action>>>): void {
  const entries = commandEntries.flatMap(([id]) => {
    const action = actions[id]
    return action ? [{ id, action }] : []
  })
  for (const { id, action } of entries) providers.set(id, [...(providers.get(id) ?? []), action])
  onScopeDispose(() => {
    for (const { id, action } of entries) {
      providers.set(
        id,
        (providers.get(id) ?? []).filter((provided) => provided !== action),
      )
    }
  })
}

function enabledAction(id: CommandId): Action | undefined {
  return providers.get(id)?.findLast((action) => action.enabled?.() ?? true)
}

/** Whether a command can be run now. */
export function canRun(id: CommandId): boolean {
  return enabledAction(id) !== undefined
}

/** Runs a command. @returns whether there was one to run. */
export function runCommand(id: CommandId): boolean {
  const action = enabledAction(id)
  action?.run()
  return action !== undefined
}

/** A command's name in the language that is shown. */
export function commandTitle(id: CommandId): string {
  return t(commandInfo(id).title)
}

/** Whether the keys are those of a Mac. */
export function isMac(): boolean {
  return window.offloop?.platform === 'darwin'
}

/** A command's keys as they are written on this system; empty when it has none. */
export function commandKeys(id: CommandId): string {
  const [keys] = keysOf(id)
  return keys ? showKeys(keys, isMac()) : ''
}

/** A command's name with its keys, for a tooltip. */
export function commandHint(id: CommandId): string {
  const keys = commandKeys(id)
  return keys ? `${commandTitle(id)} (${keys})` : commandTitle(id)
}

/** Whether a menu, dialog or popover is open: a plain key, such as Escape, is then meant for it. */
function isFloatOpen(): boolean {
  return document.querySelector('[data-dismissable-layer]') !== null
}

let recorder: ((event: KeyboardEvent) => void) | undefined

/**
 * Gives every key to a listener instead of to commands, for as long as it is there: keys are being chosen.
 * @returns what ends that.
 */
export function recordKeys(onKey: (event: KeyboardEvent) => void): () => void {
  recorder = onKey
  return () => {
    if (recorder === onKey) recorder = undefined
  }
}

/** Starts running commands by their keys, for as long as the page lives. */
export function listenForKeys(): void {
  const mac = isMac()
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return
    for (const [id, keys] of commandsWithKeys.value) {
      if (!keys.some((each) => keysMatch(each, event, mac)) || !runCommand(id)) continue
      event.preventDefault()
      event.stopPropagation()
      return
    }
  }
  // Keys with a modifier are the window's before the editor sees them; a plain key, such as Escape, is offered to what
  // has the keyboard first: it may close a menu or a list of completions.
  const isPlain = (event: KeyboardEvent): boolean =>
    !event.ctrlKey && !event.metaKey && !event.altKey && !event.key.startsWith('F')
  window.addEventListener(
    'keydown',
    (event) => {
      if (recorder) recorder(event)
      else if (!isPlain(event)) onKey(event)
    },
    { capture: true },
  )
  window.addEventListener('keydown', (event) => {
    if (!recorder && isPlain(event) && !isFloatOpen()) onKey(event)
  })
}
