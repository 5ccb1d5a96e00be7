import { launchEnvironment } from '../runtime/electron-launch.ts'
import { prepareElectron } from '../runtime/prepare-electron.ts'
import { openDisplay, type Display } from '../runtime/virtual-display.ts'

/** Electron and a display for all suites of one test run, made ready when the first of them asks. */
export class ElectronForSuites {
  readonly #root: string
  readonly #signal: AbortSignal
  readonly #say: (line: string) => void
  #ready: Promise<Record<string, string>> | null = null
  #display: Display | null = null

  constructor(root: string, signal: AbortSignal, say: (line: string) => void) {
    this.#root = root
    this.#signal = signal
    this.#say = say
  }

  /** @returns the variables that lead a test to both; rejects with the same SetupFailure for every suite that asks */
  environment(): Promise<Record<string, string>> {
    this.#ready ??= this.#prepare()
    return this.#ready
  }

  /** Ends the display, if one was started. */
  async close(): Promise<void> {
    await this.#display?.close()
  }

  async #prepare(): Promise<Record<string, string>> {
    const launch = await prepareElectron({
      root: this.#root,
      needsFonts: true,
      signal: this.#signal,
      say: this.#say,
    })
    this.#display = await openDisplay(process.env, process.platform)
    return { ...launchEnvironment(launch), ...this.#display.env }
  }
}
