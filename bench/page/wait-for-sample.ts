import type { Sessions } from './sessions.ts'

/** Resolves when the sample database is there. @throws Error when it could not be made. */
export async function waitForSample({ service }: Sessions): Promise<void> {
  for await (const { sample } of service.stream('workspace.watch', {})) {
    if (sample.kind === 'ready') return
    if (sample.kind === 'failed') throw new Error(`The sample could not be made: ${sample.message}`)
  }
}
