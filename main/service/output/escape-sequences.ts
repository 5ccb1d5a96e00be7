/** Colours, cursor movements, titles and links, as terminals understand them. */
export const SEQUENCES =
  /\u001b(?:\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|\[[0-?]*[ -/]*[@-~]|[@-Z\\^_=>78])/gu
