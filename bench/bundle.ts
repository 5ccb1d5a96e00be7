import { join } from 'node:path'
import { build } from 'vite'

/** How a piece of code is packed: for a page, for Electron's main process, or for a sandboxed preload script. */
export type BundleFormat = 'iife' | 'es' | 'cjs'

/**
 * Packs a source file with everything that it imports, except what Electron and Node bring, into one file.
 * @param root the checkout's folder. @param entry path from there. @param to absolute path of the file to write.
 */
export async function bundle(
  root: string,
  entry: string,
  to: { folder: string; name: string },
  format: BundleFormat,
): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: to.folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      lib: { entry: join(root, entry), formats: [format], fileName: () => to.name, name: 'bundle' },
      rolldownOptions: { external: ['electron', /^node:/] },
    },
  })
}
