import type { Offloop } from '../offloop.ts'

/** What must still be so after any fault: N1 to N5 of docs/reliability.md. */
export interface Witnesses {
  /** A database with rows that are committed, and others that never were. */
  readonly database: string
  /** Looks at all of it. @param history whether the app's own database can know of what was before the fault. */
  check(history: boolean): Promise<void>
}

/** What a row is tried on. */
export interface World {
  readonly offloop: Offloop
  /** Numbers between 0 and 1, the same for the same seed. */
  readonly chance: () => number
  /** What was acknowledged before the fault; looked at again after it. */
  readonly witnesses: Witnesses
  /** Is done after Offloop has ended and before its folder is removed. */
  after(undo: () => Promise<unknown>): void
}

/** A row of the table. */
export interface Fault {
  readonly name: string
  /** Needs little time and measures none: it is tried in the short form too. */
  readonly short?: true
  /** The app's own database is what is hit: what it knew can come back from a backup only. */
  readonly losesHistory?: true
  /** What must be so before Offloop starts. */
  prepare?(world: Pick<World, 'offloop' | 'after'>): Promise<void>
  /** @returns what was seen, for the table. @throws Error when a promise was broken; NotHere when it cannot be tried. */
  survive(world: World): Promise<string>
}

/** Why a row cannot be tried on this machine. */
export class NotHere extends Error {}

/** @throws Error unless something holds. */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

export function ms(milliseconds: number): string {
  return `${Math.round(milliseconds)} ms`
}
