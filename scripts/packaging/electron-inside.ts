import { createReadStream } from 'node:fs'

/**
 * Part of the user agent that Electron has built in, as one literal with a zero byte after it.
 * Source: ElectronBrowserClient::GetUserAgent in shell/browser/electron_browser_client.cc.
 */
const VERSION_LITERAL = /Electron\/(\d[\w.-]*)[^\w.-]/

/** Enough for the literal to be found when it lies across two pieces of the file. */
const OVERLAP_CHARACTERS = 64

/**
 * Reads an Electron's version out of its binary, without running it. About 0.2 s for 190 MB.
 *
 * @param binary absolute path of the executable; on macOS of the framework's library
 * @returns such as "45.4.1", or null when there is none in it
 */
export async function electronInside(binary: string): Promise<string | null> {
  let tail = ''
  for await (const piece of createReadStream(binary, 'latin1')) {
    const text = tail + String(piece)
    const version = VERSION_LITERAL.exec(text)?.[1]
    if (version !== undefined) return version
    tail = text.slice(-OVERLAP_CHARACTERS)
  }
  return null
}
