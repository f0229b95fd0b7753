/** Decides whether packing pays on this link, from what it carried. */
export interface LinkSpeed {
  readonly isSlow: boolean;
  /** @param bytes as they came over the link, in so many milliseconds. */
  note(bytes: number, milliseconds: number): void;
}

/** Bytes per millisecond below which packing is faster than sending: deflate makes some 60 MB a second of a host's core. */
const packingSpeed = 12_000;
/** What is less tells of the way there and back, not of the link. */
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
