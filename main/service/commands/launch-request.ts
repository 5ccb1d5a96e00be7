import type { Environment } from '../platform/platform.ts'

/** The size of a request stands before it, in so many bytes. */
const LENGTH_BYTES = 4

/**
 * What a launcher is told to start one wrapper: see resources/wrapper/launcher.pl.
 * @returns undefined when a text contains a zero byte, which no system takes.
 */
export function launchRequest(
  id: number,
  args: readonly string[],
  environment: Environment,
): Buffer | undefined {
  const variables = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  const texts = [String(id), String(args.length), ...args, ...variables]
  if (texts.some((text) => text.includes('\0'))) return undefined
  const body = texts.join('\0')
  const request = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(body))
  request.writeUInt32BE(request.length - LENGTH_BYTES)
  request.write(body, LENGTH_BYTES)
  return request
}
