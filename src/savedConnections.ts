import type { Event } from "./common/event.js";
import type { Target } from "./ssh/target.js";

/** A connection that a person keeps. No secrets: those stay in the secret store, under the id. */
export interface SavedConnection {
  readonly id: string;
  /** What the trees show; the alias or `user@host` unless the person chose another. */
  readonly name: string;
  readonly target: Target;
  /** A private key file chosen for this connection, beyond what `~/.ssh/config` says. */
  readonly identityFile?: string;
  /** Last used interpreter, offered first next time. */
  readonly python?: string;
  /** Last used storage root. */
  readonly root?: string;
}

/** The saved connections, in a file of the data folder that several windows and programs share. */
export interface SavedConnections {
  readonly onDidChange: Event<void>;
  list(): Promise<readonly SavedConnection[]>;
  get(id: string): Promise<SavedConnection | undefined>;
  /** Adds, or replaces the one with the same id. */
  save(connection: SavedConnection): Promise<void>;
  remove(id: string): Promise<void>;
}
