import type { Duplex } from "node:stream";

/**
 * Lets the writes of one turn of the event loop leave a stream together: ssh2 writes each packet by itself, and a short
 * command takes five.
 */
export function gatherWrites(stream: Duplex): void {
  const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
  let isGathering = false;
  const passOn = (): void => {
    isGathering = false;
    stream.uncork();
  };
  stream.write = (...parameters: unknown[]) => {
    if (!isGathering) {
      isGathering = true;
      stream.cork();
      setImmediate(passOn);
    }
    return write(...parameters);
  };
}
