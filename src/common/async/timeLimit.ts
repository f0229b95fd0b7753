/**
 * Like `AbortSignal.timeout`, but safe inside `AbortSignal.any`: Node 20 may garbage-collect a timeout that only such a
 * signal references, and then it never fires. Does not keep the process alive.
 */
export function timeLimit(milliseconds: number): AbortSignal {
  const limit = new AbortController();
  // The timer holds it.
  setTimeout(() => limit.abort(new DOMException("The time is up", "TimeoutError")), milliseconds).unref();
  return limit.signal;
}
