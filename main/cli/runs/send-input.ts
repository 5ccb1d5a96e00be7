import type { RunId } from '#contract/run.ts'
import { MAX_SEND_BYTES } from '#contract/scheduler.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'

/**
 * Sends bytes to the standard input of a command, and whatever comes only as fast as it reads.
 * @param end close it after them.
 * @throws RequestFailed `invalid-params` when the command does not read any more.
 */
export async function sendInput(
  client: Client<ServiceContract>,
  id: RunId,
  input: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  end: boolean,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of input) {
    const all = typeof piece === 'string' ? new TextEncoder().encode(piece) : piece
    for (let from = 0; from < all.length; from += MAX_SEND_BYTES) {
      // A copy of its own: a message takes the whole buffer behind a view along.
      const bytes = all.slice(from, from + MAX_SEND_BYTES)
      await client.call('input.send', { id, bytes, end: false }, { signal })
    }
  }
  if (end) await client.call('input.send', { id, bytes: new Uint8Array(0), end: true }, { signal })
}
