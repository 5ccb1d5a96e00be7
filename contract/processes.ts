import { z } from 'zod'

/** Event loop lag over the last report's span, in milliseconds. */
export const loopLag = z.object({ p99Ms: z.number().nonnegative(), maxMs: z.number().nonnegative() })
export type LoopLag = z.infer<typeof loopLag>

export const processState = z.enum([
  'starting',
  'ready',
  /** A query host inside a statement: it cannot answer, and need not. */
  'busy',
  'not-responding',
  /** It ended too often; the person is asked before it is started again. */
  'stopped',
])

/** How often a query host found a statement prepared, and how often it had to prepare one. */
export const statementCounts = z.object({
  hits: z.number().int().nonnegative(),
  misses: z.number().int().nonnegative(),
})
export type StatementCounts = z.infer<typeof statementCounts>

/** One of Offloop's own processes, as the status bar and the process view show it. */
export const processInfo = z.object({
  role: z.enum(['main', 'renderer', 'service', 'query-host']),
  /** What it is for, such as the file name of a query host's database; empty for main, renderer and service. */
  about: z.string(),
  pid: z.number().int().nonnegative(),
  state: processState,
  lag: loopLag.nullable(),
  /** Resident, in bytes; null until it was read. */
  memoryBytes: z.number().int().nonnegative().nullable(),
  /** Cores that it kept busy in the last second; null until that was read. */
  cores: z.number().nonnegative().nullable(),
  restarts: z.number().int().nonnegative(),
  /** Of a query host, as of its last heartbeat. */
  statements: statementCounts.optional(),
})
export type ProcessInfo = z.infer<typeof processInfo>

/** A quiet line about something that happened to Offloop itself. */
export const notice = z.object({
  id: z.number().int().positive(),
  at: z.number().int(),
  kind: z.enum([
    'service-restarted',
    'service-not-responding',
    'service-stopped',
    'query-host-ended',
    'renderer-reloaded',
  ]),
  /** What the line names: a database's file name, or empty. */
  about: z.string(),
})
export type Notice = z.infer<typeof notice>
