/** Puts text into the clipboard. @throws DOMException when the system refuses. */
export function writeClipboard(text: string): Promise<void> {
  return navigator.clipboard.writeText(text)
}

/** Puts a PNG into the clipboard. @throws DOMException when the system refuses, or what `picture` fails with. */
export function writePicture(picture: Promise<Blob>): Promise<void> {
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })])
}
