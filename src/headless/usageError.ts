/** The command line was wrong; the message is for a person, in English like the options themselves. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
