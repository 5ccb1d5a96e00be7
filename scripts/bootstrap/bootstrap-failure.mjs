/** A reason why no task can run yet. Its message is written for the person who typed the command. */
export class BootstrapFailure extends Error {
  /** @override */
  name = 'BootstrapFailure'
}
