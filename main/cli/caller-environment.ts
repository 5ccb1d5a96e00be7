/** Variables that belong to this program and not to its caller. */
const OWN_VARIABLES = /^(?:OFFLOOP_|ELECTRON_RUN_AS_NODE$)/

/** The environment of whoever asked, for the commands that are run for it. */
export function callerEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value === undefined || OWN_VARIABLES.test(name) ? [] : [[name, value]],
  )
  return Object.fromEntries(own)
}
