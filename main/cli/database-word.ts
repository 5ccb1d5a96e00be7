import { resolve } from 'node:path'
import { engineOf } from '#contract/database.ts'

/** A database as it was typed, as the service knows it: a path is made absolute from here. */
export function databaseOf(word: string): string {
  return engineOf(word) === 'sqlite' ? resolve(word) : word
}
