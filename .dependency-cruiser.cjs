/** Which folder may see which. Import names of packages are checked by the linter (eslint.config.js). */
const tests = '(\\.test\\.ts$|-fixture\\.ts$|-fixture/)'

/** @param {string} name @param {string} from @param {string[]} to folders of the project that it may import from */
const only = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: tests },
  to: {
    path: '^(contract|main|preload|renderer|scripts|tests|bench)/',
    pathNot: to.map((folder) => `^${folder}`),
  },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'declared-packages-only',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'unknown'] },
    },
    { name: 'imports-resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('contract-sees-itself', 'contract', ['contract/']),
    only('kit-sees-contract', 'main/kit', ['contract/', 'main/kit/']),
    only('service-sees-kit-and-contract', 'main/service', ['contract/', 'main/kit/', 'main/service/']),
    only('query-host-sees-kit-and-contract', 'main/query-host', [
      'contract/',
      'main/kit/',
      'main/query-host/',
    ]),
    only('cli-sees-kit-and-contract', 'main/cli', ['contract/', 'main/kit/', 'main/cli/']),
    only('app-sees-kit-and-contract', 'main/app', ['contract/', 'main/kit/', 'main/app/']),
    only('preload-sees-contract', 'preload', ['contract/', 'preload/']),
    only('renderer-sees-contract-and-the-client', 'renderer', [
      'contract/',
      'renderer/',
      'main/kit/(client|dial|port|request-failed)\\.ts$',
    ]),
    {
      name: 'ui-draws-only',
      comment: 'what is in ui/ knows nothing of channels or features',
      severity: 'error',
      from: { path: '^renderer/ui/' },
      to: { path: '^renderer/(ipc|features)/' },
    },
    {
      name: 'features-do-not-see-each-other',
      severity: 'error',
      from: { path: '^renderer/features/([^/]+)/', pathNot: '^renderer/features/workbench/' },
      to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
    builtInModules: { add: ['electron'] },
  },
}
