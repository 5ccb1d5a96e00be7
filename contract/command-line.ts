import { z } from 'zod'

/**
 * How the command line finds and greets a running Offloop. The service listens on a Unix socket (a named pipe on
 * Windows) and writes where, with a token, to a file that only its owner can read; see docs/command-line.md.
 */

/** The folder of a profile that holds the socket and the file about it; mode 0700. */
export const ENDPOINT_FOLDER = 'command-line'
/** The file in it, written once the service listens; mode 0600. */
export const ENDPOINT_FILE = 'endpoint.json'

/** Raised when an older command line could no longer talk to a newer service. */
export const PROTOCOL = 1

/** A greeting is a few words; nothing longer is read from somebody who has not shown the token. */
export const MAX_GREETING_BYTES = 1024
/** A statement has at most 10 million UTF-16 code units (`querySpec`), its parameters about as much again. */
export const MAX_REQUEST_BYTES = 64 * 1024 * 1024
/** One row may hold a value of 1 GB, SQLite's own limit; chunks of ordinary rows are about 1 MB. */
export const MAX_ANSWER_BYTES = 1_100_000_000

/** Where a service listens. */
export const endpoint = z.object({
  /** Of the socket, absolute, or the name of the pipe. */
  path: z.string().min(1),
  /** Random, new at every start of the service. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Endpoint = z.infer<typeof endpoint>

/** The first frame on a new connection, as JSON: nothing else is read before the token was accepted. */
export const greeting = z.object({
  offloop: z.literal('hello'),
  protocol: z.number().int(),
  token: z.string(),
})

/** The answer to it, as JSON; frames of the channel protocol follow on a welcome, and the end on a refusal. */
export const greetingAnswer = z.discriminatedUnion('offloop', [
  z.object({ offloop: z.literal('welcome') }),
  z.object({ offloop: z.literal('refused'), message: z.string() }),
])
