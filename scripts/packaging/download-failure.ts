import { SetupFailure } from '../runtime/setup-failure.ts'

/**
 * Codes of Node for a network that does not answer, of the HTTP clients in electron-builder for an answer that is no
 * file, and of TLS for a proxy whose certificate is not trusted.
 */
const NETWORK_CODE =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_NON_2XX_3XX_RESPONSE|HTTP_ERROR_\d+|.*_CERT(_.*)?)$/

const WEB_ADDRESS = /https?:\/\/[^\s"',)]+/

/**
 * Tells a download that electron-builder could not make from every other error of it. The address, when
 * one of the messages names it, is passed on.
 *
 * @param what what was to be made
 * @returns null for any other error
 */
export function downloadFailure(what: string, error: unknown): SetupFailure | null {
  const chain = causes(error)
  const address = chain
    .map(({ message }) => WEB_ADDRESS.exec(message)?.[0])
    .find((found) => found !== undefined)
  const reason = chain.map(networkReason).find((found) => found !== null)
  if (reason === undefined) return null
  return new SetupFailure(
    'no-network',
    `The ${what} could not be made: electron-builder needs tools for it that could not be downloaded ` +
      `(${reason}${address === undefined ? '' : `, ${address}`}).\n` +
      'Connect to a network that reaches github.com, or name a mirror with ELECTRON_BUILDER_BINARIES_MIRROR, and run the ' +
      'same command again.',
    { cause: error },
  )
}

/** An error, its causes, and the errors that it collects, outermost first. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return []
  const inner: unknown[] = error instanceof AggregateError ? error.errors : []
  return [error, ...[error.cause, ...inner].flatMap(causes)]
}

/** @returns what failed in the network, or null for any other error */
function networkReason(error: Error): string | null {
  if ('code' in error && typeof error.code === 'string' && NETWORK_CODE.test(error.code)) return error.message
  return null
}
