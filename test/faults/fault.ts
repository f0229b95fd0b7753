import type { World } from "./world.js";

/** One way in which things go wrong. */
export interface Fault {
  readonly name: string;
  /** Only in the long form. */
  readonly slow?: boolean;
  /** Seconds that a viewer lives without a client. Default: long enough to come back. */
  readonly graceSeconds?: number;
  /** Whether this machine can be made to have it. */
  readonly possible?: () => boolean;
  /** What every command of the host is to have in its environment. */
  readonly hostEnvironment?: () => Promise<Readonly<Record<string, string>>>;
  /**
   * Makes it happen and throws when the product does not hold its promise.
   * @returns milliseconds from the end of the fault until all was well again; 0 where there was nothing to wait for.
   */
  run(world: World): Promise<number>;
}
