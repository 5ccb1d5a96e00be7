import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const at = (...parts: string[]): string => resolve(import.meta.dirname, ...parts)
const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string }

/** The older of the two runtimes that the app must run on; see docs/platforms.md. */
const NODE_TARGET = 'node20.18'
const CHROME_TARGET = 'chrome130'

export default defineConfig({
  main: {
    define: { __VERSION__: JSON.stringify(version) },
    build: {
      outDir: at('out/main'),
      target: NODE_TARGET,
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: at('main/index.ts'),
          service: at('main/service/index.ts'),
          'app-database': at('main/service/app-database/worker.ts'),
          'app-database-backup': at('main/service/app-database/backup/worker.ts'),
          'output-search': at('main/service/output/search-worker.ts'),
          'output-diff': at('main/service/diff/diff-worker.ts'),
          'query-host': at('main/query-host/index.ts'),
          cli: at('main/cli/index.ts'),
        },
        external: ['better-sqlite3'],
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // By itself: threads that validate nothing start without it, in 60 ms instead of 90.
          codeSplitting: { groups: [{ name: 'zod', test: /node_modules[\\/]zod[\\/]/ }] },
        },
      },
      externalizeDeps: false,
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      target: NODE_TARGET,
      rolldownOptions: {
        input: { index: at('preload/index.ts') },
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
      externalizeDeps: false,
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [vue()],
    build: {
      outDir: at('out/renderer'),
      target: CHROME_TARGET,
      minify: true,
      // Loaded from disk: how much may be loaded at once is checked after the build. In kilobytes.
      chunkSizeWarningLimit: 1_200,
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
