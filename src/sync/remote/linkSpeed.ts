/** Decides from measured throughput whether compression pays on this link. */
export interface LinkSpeed {
  readonly isSlow: boolean;
  /** @param bytes as they came over the link, in so many milliseconds. */
  note(bytes: number, milliseconds: number): void;
}

/** Bytes per millisecond below which compressing is faster than sending: deflate takes some 60 MB a second on one core. */
const packingSpeed = 12_000;
/** Smaller transfers measure latency, not bandwidth. */
const tellingBytes = 256 * 1024;

export function createLinkSpeed(): LinkSpeed {
  let speed: number | undefined;
  return {
    get isSlow() {
      return speed !== undefined && speed < packingSpeed;
    },
    note: (bytes, milliseconds) => {
      if (bytes < tellingBytes) return;
      const latest = bytes / Math.max(1, milliseconds);
      speed = speed === undefined ? latest : (speed + latest) / 2;
    },
  };
}
