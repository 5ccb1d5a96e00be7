import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type ServedPackage = {
  name: string
  version: string
  tarball: Buffer
  /** What the server does with a request for the tarball; by default it sends it. */
  send?: (response: ServerResponse) => void
  /** The checksum that the registry announces; by default the right one. */
  integrity?: string
}

/**
 * Starts a real npm registry that serves one package, on a free port of this machine, and makes npm use it until the
 * current test has finished.
 *
 * @returns its address, and how often the tarball was asked for
 */
export async function serveNpmRegistry(
  served: ServedPackage,
): Promise<{ address: string; downloads: () => number }> {
  const { name, version, tarball } = served
  let downloads = 0
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) {
      downloads += 1
      if (served.send) served.send(response)
      else response.end(tarball)
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: version },
        versions: {
          [version]: {
            name,
            version,
            dist: {
              tarball: `${address}${name}/-/package.tgz`,
              integrity: served.integrity ?? `sha512-${sha512(tarball)}`,
            },
          },
        },
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = `http://127.0.0.1:${portOf(server.address())}/`
  pointNpmTo(address)
  return { address, downloads: () => downloads }
}

/** Makes npm use a registry until the current test has finished, and give up after the first failed attempt. */
export function pointNpmTo(registry: string): void {
  const settings = { npm_config_registry: registry, npm_config_fetch_retries: '0' }
  for (const [name, value] of Object.entries(settings)) {
    const before = process.env[name]
    process.env[name] = value
    onTestFinished(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before
    })
  }
}

/** @returns the address of a port where nobody listens */
export async function deadRegistry(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server.address())
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/`
}

/** @returns in base64, as a registry announces it */
export function sha512(content: Buffer): string {
  return createHash('sha512').update(content).digest('base64')
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address.port
}
