import { FitAddon } from '@xterm/addon-fit'
import { Terminal, type ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { isReport, refuseQueries } from './refuse-queries.ts'

/** Lines above the screen that can be scrolled to; the output itself is in its file. */
const SCROLLBACK_LINES = 20_000
/** OSC 52 carries text for the clipboard. */
const CLIPBOARD_SEQUENCE = 52
/** Programs copy a selection; what is longer than this is none. Characters of base64. */
const MAX_CLIPBOARD_LENGTH = 1_000_000

export interface TerminalEvents {
  /** What the person has typed or pasted: never what the terminal itself would answer. */
  onTyped(text: string): void
  onResize(columns: number, rows: number): void
  /** The output wants to put a text into the clipboard. */
  onClipboard(text: string): void
  /** The person has clicked on a link that the output has set. */
  onLink(address: string): void
}

export interface MountedTerminal {
  /** Draws bytes of output; resolves when that is done, so that a flood does not pile up. */
  write(bytes: Uint8Array): Promise<void>
  /** Whether it takes what is typed. */
  setLive(live: boolean): void
  reset(): void
  focus(): void
  selection(): string
  dispose(): void
}

/** Draws a terminal that fills an element. @param label what a screen reader calls it. */
export function mountTerminal(host: HTMLElement, label: string, events: TerminalEvents): MountedTerminal {
  const style = getComputedStyle(host)
  const terminal = new Terminal({
    scrollback: SCROLLBACK_LINES,
    fontFamily: style.getPropertyValue('--font-mono'),
    fontSize: 13,
    theme: themeOf(host),
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    linkHandler: { activate: (_event, address) => events.onLink(address) },
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  refuseQueries(terminal.parser)
  terminal.parser.registerOscHandler(CLIPBOARD_SEQUENCE, (content) => {
    const text = clipboardText(content)
    if (text !== undefined) events.onClipboard(text)
    return true
  })
  terminal.onData((data) => {
    if (!isReport(data)) events.onTyped(data)
  })
  terminal.onResize(({ cols, rows }) => events.onResize(cols, rows))
  terminal.attachCustomKeyEventHandler((event) => {
    // The way out by keyboard, since Tab belongs to the program.
    if (event.key === 'F6') {
      terminal.blur()
      return false
    }
    // Pasting is the browser's, with the clipboard's own event.
    return !(event.ctrlKey && event.key.toLowerCase() === 'v')
  })
  // Making, opening and measuring it take 10, 50 and 20 ms on a machine under load: each has a frame of its own.
  let isFocusWanted = false
  let frame = requestAnimationFrame(() => {
    terminal.open(host)
    terminal.textarea?.setAttribute('aria-label', label)
    if (isFocusWanted) terminal.focus()
    frame = requestAnimationFrame(() => sizes.observe(host))
  })

  const sizes = new ResizeObserver(() => {
    // A tab in the background has no size.
    if (host.clientWidth > 0 && host.clientHeight > 0) fit.fit()
  })
  const themes = new MutationObserver(() => (terminal.options.theme = themeOf(host)))
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })

  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    setLive(live) {
      terminal.options.disableStdin = !live
      terminal.options.cursorInactiveStyle = live ? 'outline' : 'none'
    },
    reset: () => terminal.reset(),
    focus() {
      isFocusWanted = true
      if (terminal.element) terminal.focus()
    },
    selection: () => terminal.getSelection(),
    dispose() {
      cancelAnimationFrame(frame)
      sizes.disconnect()
      themes.disconnect()
      terminal.dispose()
    },
  }
}

/** The text of an OSC 52 that sets the clipboard; undefined for one that asks for it, which is not answered. */
function clipboardText(content: string): string | undefined {
  const encoded = content.slice(content.indexOf(';') + 1)
  if (encoded === '?' || encoded === '' || encoded.length > MAX_CLIPBOARD_LENGTH) return undefined
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes)
  } catch {
    // No base64: there is nothing to copy.
    return undefined
  }
}

function themeOf(host: HTMLElement): ITheme {
  const style = getComputedStyle(host)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const [grey, red, green] = [colour('terminal-grey'), colour('terminal-red'), colour('terminal-green')]
  const [yellow, blue] = [colour('terminal-yellow'), colour('terminal-blue')]
  const [magenta, cyan] = [colour('terminal-magenta'), colour('terminal-cyan')]
  return {
    background: colour('surface'),
    foreground: colour('ink'),
    cursor: colour('accent'),
    cursorAccent: colour('surface'),
    selectionBackground: colour('selected'),
    ...{ black: colour('ink'), red, green, yellow, blue, magenta, cyan, white: grey },
    ...{ brightBlack: grey, brightRed: red, brightGreen: green, brightYellow: yellow },
    ...{ brightBlue: blue, brightMagenta: magenta, brightCyan: cyan, brightWhite: colour('ink') },
  }
}
