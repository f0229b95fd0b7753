import { pause } from "../common/async/pause.js";
import type { Forwarder } from "./forwarder.js";

/** Milliseconds between two streams at least, and at most where they end at once. */
const shortestPause = 500;
const longestPause = 30_000;
/** Milliseconds: a stream that lived this long did not end at once. */
const longHeld = 60_000;

/**
 * Keeps an idle stream to the remote address open, and reopens it: the kernel of the host closes it when the listener
 * ends.
 * @param onEnd hears each time that the remote side ended the stream or took none, while the way there lives.
 * @param signal ends it.
 */
export async function watchRemote(
  forwarder: Forwarder,
  onEnd: () => void,
  signal: AbortSignal,
): Promise<void> {
  const goesOn = (): boolean => forwarder.isOpen && !signal.aborted;
  let wait = shortestPause;
  while (goesOn()) {
    const begun = performance.now();
    await heldStream(forwarder, signal);
    if (goesOn() && (await forwarder.isEndReal()) && goesOn()) onEnd();
    wait = performance.now() - begun >= longHeld ? shortestPause : Math.min(2 * wait, longestPause);
    if (goesOn()) await pause(wait, signal);
  }
}

/** Resolves when it has ended, or there is none. */
async function heldStream(forwarder: Forwarder, signal: AbortSignal): Promise<void> {
  const stream = await forwarder.connect().catch(() => undefined);
  if (!stream) return;
  const destroy = (): void => void stream.destroy();
  await new Promise<void>((resolve) => {
    stream.on("error", () => undefined);
    stream.once("close", resolve);
    stream.once("end", destroy);
    stream.resume();
    signal.addEventListener("abort", destroy, { once: true });
    if (signal.aborted) destroy();
    if (stream.destroyed) resolve();
  });
  signal.removeEventListener("abort", destroy);
}
