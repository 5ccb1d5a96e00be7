import type { RequestStream } from '#kit/client.ts'

/** Takes all items of a stream, so that it goes on, and gives its result. @throws RequestFailed */
export async function readToEnd<R>(stream: RequestStream<unknown, R>): Promise<R> {
  const items = stream[Symbol.asyncIterator]()
  while ((await items.next()).done !== true);
  return stream.result
}
