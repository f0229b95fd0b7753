/** The bytes are not a frame of the helper that was started: another program answered, or bytes are missing. */
export class NotReadable extends Error {
  override readonly name = "NotReadable";

  constructor() {
    super("the helper's answer is not readable");
  }
}
