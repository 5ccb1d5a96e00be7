import { fileURLToPath } from 'node:url'

/** The app's own migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../../../resources/migrations', import.meta.url))

/** The worker's entry, which Node runs as TypeScript. */
export const WORKER = new URL('./worker.ts', import.meta.url)
