/** What came is no frame of the helper that was started: another program talks in its place, or bytes are missing. */
export class NotReadable extends Error {
  override readonly name = "NotReadable";

  constructor() {
    super("the helper's answer is not readable");
  }
}
