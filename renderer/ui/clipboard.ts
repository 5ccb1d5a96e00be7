/** Puts text into the clipboard. @throws DOMException when the system refuses. */
export function writeClipboard(text: string): Promise<void> {
  return navigator.clipboard.writeText(text)
}
