import { computed, shallowRef } from 'vue'
import type { ChosenShortcuts } from '#contract/shortcut.ts'
import { commandEntries, type CommandId, type CommandInfo } from './command-list.ts'
import { keysOfCommands } from './keys-of-commands.ts'

/** The shortcuts that the person has chosen. */
export const chosenKeys = shallowRef<ChosenShortcuts>({})

const keysById = computed(() => keysOfCommands(commandEntries, chosenKeys.value))

/** Every command with its shortcuts as they are now, in the order of the list. */
export const commandsWithKeys = computed(() => [...keysById.value])

/** A command's shortcuts as they are now. The first is the one that is shown. */
export function keysOf(id: CommandId): NonNullable<CommandInfo['keys']> {
  return keysById.value.get(id) ?? []
}
