/**
 * Makes a function that does its work at most once per animation frame, however often it is called, so that progress
 * that comes faster than the screen can show it costs nothing.
 */
export function perFrame(work: () => void): () => void {
  let due = false
  return () => {
    if (due) return
    due = true
    requestAnimationFrame(() => {
      due = false
      work()
    })
  }
}
