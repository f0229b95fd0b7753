import type { Logger } from "../common/logger.js";
import type { ServerLinkState } from "./wire/link.js";

/** The state of the connection to the main server, and for how long that has been away. */
export interface LinkWatch {
  readonly state: ServerLinkState;
  note(state: ServerLinkState): void;
  /** What is noted from now on starts no wait. */
  dispose(): void;
}

export interface LinkWatchOptions {
  /** Milliseconds. */
  readonly graceTime: number;
  /** The server has been away for the grace time; once for each absence. */
  readonly onAway: () => void;
  readonly onDidChange: () => void;
  readonly logger: Logger;
}

export function watchLink({ graceTime, onAway, onDidChange, logger }: LinkWatchOptions): LinkWatch {
  let link: ServerLinkState = { kind: "connecting" };
  let absence: NodeJS.Timeout | undefined;
  let disposed = false;
  return {
    get state() {
      return link;
    },
    note: (state) => {
      link = state;
      logger.info(`relay: ${state.kind}${state.kind === "waiting" ? ` (${state.problem})` : ""}`);
      if (state.kind === "connected") {
        clearTimeout(absence);
        absence = undefined;
      } else if (!disposed) {
        absence ??= setTimeout(() => {
          logger.warn("relay: the main server stays away; commands are ended");
          onAway();
        }, graceTime);
      }
      onDidChange();
    },
    dispose: () => {
      disposed = true;
      clearTimeout(absence);
    },
  };
}
