/** The version of package.json, put in when the app is built. */
declare const __VERSION__: string
