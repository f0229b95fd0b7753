import type { Duplex } from "node:stream";

/** Batches the writes of one turn of the event loop: ssh2 writes each packet separately, five for a short command. */
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
