/**
 * Aborted after so many milliseconds, as `AbortSignal.timeout` is, and also as one of `AbortSignal.any`: Node 20 forgets a
 * timeout that only such a signal knows when it collects garbage, and the time then never comes. Keeps no process alive.
 */
export function timeLimit(milliseconds: number): AbortSignal {
  const limit = new AbortController();
  // The timer holds it.
  setTimeout(() => limit.abort(new DOMException("The time is up", "TimeoutError")), milliseconds).unref();
  return limit.signal;
}
