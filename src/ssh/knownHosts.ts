import type { Event } from "../common/event.js";
import type { HostKey, HostKeyVerdict } from "./hostKeys.js";

/** One readable line of our own known_hosts file. */
export interface KnownHostEntry {
  /** The host field as written: names, patterns, or a hashed name. */
  readonly hosts: string;
  readonly hashed: boolean;
  readonly marker: "@revoked" | "@cert-authority" | undefined;
  readonly key: HostKey;
  readonly comment: string;
  /** 1-based. */
  readonly line: number;
}

/** Host keys: our own known_hosts file, and the user's and the system's, which are read and never written. */
export interface KnownHosts {
  readonly file: string;
  readonly onDidChange: Event<void>;
  /** Reads the files anew each time: other windows and `ssh` write them too. */
  verify(knownHostsName: string, key: HostKey): Promise<HostKeyVerdict>;
  list(): Promise<readonly KnownHostEntry[]>;
  /** Adds one line to our own file; every other byte stays. */
  add(knownHostsName: string, key: HostKey): Promise<void>;
  /** Removes the lines of our own file that hold this key for this host field; every other byte stays. */
  remove(entry: KnownHostEntry): Promise<void>;
}
