import type { ChosenShortcuts } from '#contract/shortcut.ts'
import type { CommandInfo } from './command-list.ts'

type Keys = readonly string[]

/**
 * Which keys each command has, by what the person has chosen. Keys that were chosen for one command are not those of
 * another that has them only from the list, which a newer version may have made longer.
 */
export function keysOfCommands<Id extends string>(
  commands: readonly (readonly [Id, CommandInfo])[],
  chosen: ChosenShortcuts,
): ReadonlyMap<Id, Keys> {
  const taken = new Set(commands.flatMap(([id]) => chosen[id] ?? []))
  return new Map(
    commands.map(([id, { keys = [] }]) => [id, chosen[id] ?? keys.filter((each) => !taken.has(each))]),
  )
}

/** The other commands that have one of some keys. */
export function commandsOnKeys<Id extends string>(
  all: ReadonlyMap<Id, Keys>,
  id: Id,
  keys: Keys,
): readonly { readonly id: Id; readonly keys: string }[] {
  return [...all].flatMap(([other, has]) => {
    const shared = other === id ? undefined : keys.find((each) => has.includes(each))
    return shared === undefined ? [] : [{ id: other, keys: shared }]
  })
}

/** What is chosen once a command has some keys, and no other command has them. */
export function withKeys<Id extends string>(
  commands: readonly (readonly [Id, CommandInfo])[],
  chosen: ChosenShortcuts,
  id: Id,
  keys: Keys,
): ChosenShortcuts {
  const all = keysOfCommands(commands, chosen)
  const next = new Map<string, Keys>(Object.entries(chosen)).set(id, keys)
  for (const { id: other } of commandsOnKeys(all, id, keys)) {
    next.set(
      other,
      (all.get(other) ?? []).filter((each) => !keys.includes(each)),
    )
  }
  // What is as it came is not kept as a choice: it follows what later versions come with.
  for (const [command, { keys: own = [] }] of commands) {
    const has = next.get(command)
    if (has?.length === own.length && own.every((each, index) => each === has[index])) next.delete(command)
  }
  return Object.fromEntries([...next].map(([command, has]) => [command, [...has]]))
}
