/** What a person is told of anything that was thrown: failures of requests and the page's own errors have a message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
