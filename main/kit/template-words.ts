import type { BadValue, TemplateTrouble } from '#contract/template/fill.ts'

/** In words, what is wrong with a template. */
export function templateTroubleWords({ kind, parameter }: TemplateTrouble): string {
  switch (kind) {
    case 'twice':
      return `Two parameters are called "${parameter}". Give one of them another name.`
    case 'bad-default':
      return `The default of "${parameter}" is no value that it could have. Change the one or the other.`
    case 'secret-in-plain':
      return (
        `"${parameter}" is secret, and what a command is called with is stored and shown in plain. It is a variable of the ` +
        `command's environment: take {${parameter}} out, or put it into the value of another variable.`
      )
    case 'braces-in-line':
      return `In a line for the shell a value stands as "$${parameter}", with its quotes, and not as {${parameter}}.`
    case 'shells-own':
      return `Shells have a variable "${parameter}" themselves. Give the parameter another name.`
    default:
      return kind satisfies never
  }
}

/** In words, what is wrong with a value. */
export function badValueWords({ parameter, trouble }: BadValue): string {
  switch (trouble) {
    case 'missing':
      return `"${parameter}" has no value. Give one.`
    case 'not-a-number':
      return `"${parameter}" is to be a number, such as 12 or -0.5.`
    case 'not-a-choice':
      return `"${parameter}" is to be one of its choices.`
    case 'not-a-flag':
      return `"${parameter}" is either true or false.`
    case 'not-absolute':
      return `"${parameter}" is to be an absolute path.`
    case 'zero-byte':
      return `"${parameter}" contains a zero byte (NUL), which no argument can hold. Take it out.`
    case 'unknown':
      return `There is no parameter "${parameter}".`
    default:
      return trouble satisfies never
  }
}
