import { join } from 'node:path'
import { buildApp, ensureBuilt } from '../build/build-app.ts'
import { overBudget } from '../build/page-budget.ts'
import { runVisibly } from '../process/run-visibly.ts'
import { REPORT_VARIABLE } from './suite-report.ts'
import type { Suite, SuiteContext } from './suite.ts'

const CODE_FOLDERS = ['contract', 'main', 'preload', 'renderer', 'scripts', 'tests', 'bench']

const PLAYWRIGHT_REPORTERS = '--reporter=list,./scripts/suites/playwright-reporter.ts'

/**
 * All suites in the order in which they begin: the app that several of them use, what finds much quickly, and last what
 * needs the machine for itself. Lint is the first of those beside each other because it takes as long as all the others.
 */
export const SUITES: readonly Suite[] = [
  {
    name: 'build',
    about: 'the bundled app, and how much its page loads',
    limitMinutes: 5,
    requires: ['electron.vite.config.ts'],
    counts: 'once',
    async run({ root, signal }) {
      const code = await buildApp(root, signal)
      const complaint = code === 0 ? await overBudget(join(root, 'out', 'renderer')) : undefined
      if (complaint !== undefined) console.error(complaint)
      return complaint === undefined ? code : 1
    },
  },
  {
    name: 'lint',
    about: 'the rules of eslint.config.js',
    beside: true,
    limitMinutes: 5,
    requires: ['eslint.config.js'],
    counts: 'once',
    run: (context) => check(context, 'eslint', ['--max-warnings=0', '.']),
  },
  {
    name: 'format',
    about: 'every file is formatted',
    beside: true,
    limitMinutes: 3,
    requires: ['.prettierrc.json'],
    counts: 'once',
    run: (context) => check(context, 'prettier', ['--check', '--log-level=warn', '.']),
  },
  {
    name: 'types',
    about: 'TypeScript, one project per boundary',
    beside: true,
    limitMinutes: 5,
    requires: ['tsconfig.json'],
    counts: 'once',
    run: (context) => check(context, 'vue-tsc', ['--build']),
  },
  {
    name: 'boundaries',
    about: 'which folder may import which',
    beside: true,
    limitMinutes: 3,
    requires: ['.dependency-cruiser.cjs'],
    counts: 'once',
    run: (context) => check(context, 'depcruise', ['--config', '.dependency-cruiser.cjs', ...CODE_FOLDERS]),
  },
  {
    name: 'dead-code',
    about: 'no unused file, export or dependency',
    beside: true,
    limitMinutes: 3,
    requires: ['knip.json'],
    counts: 'once',
    run: (context) => check(context, 'knip', []),
  },
  {
    name: 'cli',
    about: 'the command line against the built app, without a window',
    limitMinutes: 8,
    beside: true,
    requires: ['bin/offloop', 'playwright.config.ts'],
    counts: 'by-report',
    run: async (context) =>
      withBuiltApp(context, async () =>
        check(
          context,
          'playwright',
          // Each file has a profile of its own, and none of them watches frames.
          ['test', '--project=cli', '--workers=2', PLAYWRIGHT_REPORTERS],
          await context.electron(),
        ),
      ),
  },
  {
    name: 'unit',
    about: 'the tests beside the code',
    limitMinutes: 15,
    requires: ['vitest.config.ts'],
    counts: 'by-report',
    run: async (context) =>
      check(
        context,
        'vitest',
        ['run', '--reporter=default', '--reporter=./scripts/suites/vitest-reporter.ts'],
        await context.electron(),
      ),
  },
  {
    name: 'e2e',
    about: 'the built app in a real window',
    limitMinutes: 20,
    requires: ['playwright.config.ts'],
    counts: 'by-report',
    run: async (context) =>
      withBuiltApp(context, async () =>
        check(
          context,
          'playwright',
          ['test', '--project=window', PLAYWRIGHT_REPORTERS],
          await context.electron(),
        ),
      ),
  },
  {
    name: 'faults',
    about: 'nothing is lost and nothing starts twice, whatever is killed, full, cut or closed',
    limitMinutes: 8,
    requires: ['tests/faults/chaos.ts', 'tests/faults/rows.ts'],
    counts: 'once',
    run: async (context) =>
      withBuiltApp(context, async () => {
        const env = await context.electron()
        // Both wait more than they work, each with an Offloop of its own.
        const codes = await Promise.all([
          check(context, 'node', ['tests/faults/chaos.ts', '--kills=24', '--seed=1'], env),
          check(context, 'node', ['tests/faults/rows.ts', '--short'], env),
        ])
        return Math.max(...codes)
      }),
  },
  {
    name: 'package',
    about: 'the app as it is packaged',
    limitMinutes: 12,
    requires: ['electron-builder.yml'],
    counts: 'by-report',
    run: async (context) => {
      const { root, signal } = context
      const code = await runVisibly('node', ['scripts/package.ts', '--test'], { cwd: root, signal })
      if (code !== 0) return code
      const env = await context.electron()
      return check(context, 'playwright', ['test', '--project=package', PLAYWRIGHT_REPORTERS], env)
    },
  },
  {
    name: 'bench',
    about: 'the benchmarks in their short form',
    limitMinutes: 10,
    requires: ['bench/run.ts'],
    counts: 'once',
    run: async (context) =>
      withBuiltApp(context, async () =>
        check(context, 'node', ['bench/run.ts', '--short'], await context.electron()),
      ),
  },
]

function check(
  { root, signal, extra, reportFile }: SuiteContext,
  tool: string,
  toolArguments: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  return runVisibly(tool, [...toolArguments, ...extra], {
    cwd: root,
    signal,
    env: { ...env, [REPORT_VARIABLE]: reportFile },
  })
}

async function withBuiltApp({ root, signal }: SuiteContext, run: () => Promise<number>): Promise<number> {
  const code = await ensureBuilt(root, signal)
  return code === 0 ? run() : code
}
