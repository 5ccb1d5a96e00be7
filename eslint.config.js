import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import vueAccessibility from 'eslint-plugin-vuejs-accessibility'
import globals from 'globals'
import tseslint from 'typescript-eslint'

/** What each part may import by name; which folder may see which is the dependency check's (see .dependency-cruiser.cjs). */
const importable = {
  contract: ['zod'],
  'main/kit': ['zod', '#contract/', 'node:'],
  'main/service': ['zod', '#contract/', '#kit/', 'node:'],
  'main/service/app-database': ['zod', '#contract/', '#kit/', 'node:', 'better-sqlite3'],
  'main/service/scheduler': ['zod', '#contract/', '#kit/', 'node:', 'croner'],
  'main/query-host': ['zod', '#contract/', '#kit/', 'node:', 'better-sqlite3', 'pg', 'pg-cursor'],
  'main/cli': ['zod', '#contract/', '#kit/', 'node:'],
  'main/app': ['zod', '#contract/', '#kit/', 'node:', 'electron', 'electron-log/'],
  preload: ['#contract/', 'electron'],
  renderer: [
    'zod',
    '#contract/',
    '#kit/(client|dial|port|request-failed)\\.ts$',
    'vue',
    'vue-i18n',
    '@vue/',
    'reka-ui',
    '@lucide/vue',
    '@codemirror/',
    '@lezer/',
    '@xterm/',
    'anser',
    'sql-formatter',
    'echarts',
    'echarts/*',
  ],
}

/** Calls that stop the loop of a process which must never wait. */
const blocking = {
  selector: 'CallExpression[callee.property.name=/Sync$/], CallExpression[callee.name=/Sync$/]',
  message: 'This process never blocks: use the asynchronous form.',
}
/** SQL runs in the query host and in the app database's own thread, nowhere else. */
const sql = {
  selector: 'CallExpression[callee.property.name=/^(prepare|pragma)$/]',
  message: 'SQL belongs into main/query-host or main/service/app-database.',
}

const tests = ['**/*.test.ts', '**/*-fixture.ts', '**/*-fixture/**']

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', '.cache/', 'test-results/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked,
  ...vue.configs['flat/recommended'],
  ...vueAccessibility.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.ts', '*.js', '*.cjs'] },
        extraFileExtensions: ['.vue'],
        parser: tseslint.parser,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      'no-empty': 'error',
      // Objects here are made of closures: none has a `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // A handler is asynchronous by its type, whether or not this one has to wait for anything.
      '@typescript-eslint/require-await': 'off',
    },
  },
  ...Object.entries(importable).map(([folder, allowed]) => ({
    files: [`${folder}/**/*.{ts,vue}`],
    ignores: tests,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(?!\\.{1,2}/|${allowed.map((name) => (name.includes('/') || name.endsWith(':') ? name : `${name}(/|$)`)).join('|')})`,
              message: `${folder}/ may not import this.`,
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['{contract,main,preload,renderer}/**/*.{ts,vue}'],
    // A query host may block, and the app database has a thread of its own.
    ignores: [...tests, 'main/query-host/**', 'main/service/app-database/**'],
    rules: { 'no-restricted-syntax': ['error', blocking, sql] },
  },
  {
    files: ['renderer/**/*.{ts,vue}'],
    languageOptions: { globals: globals.browser },
    rules: {
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require'],
      // The types of .vue files are checked by vue-tsc; without it these rules see `any` in every import of one.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { ...tseslint.configs.disableTypeChecked.languageOptions, globals: globals.node },
  },
  prettier,
)
