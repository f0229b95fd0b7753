import type { HostKey, HostKeyVerdict } from "./hostKeys.js";

interface At {
  /** As a person knows it. */
  readonly host: string;
  readonly port: number;
}

/** Every way in which reaching a host or running something there fails. */
export type SshFailure =
  | { readonly code: "target-invalid"; readonly text: string }
  /** The configuration leads through other hosts or a command. */
  | ({ readonly code: "proxy-not-supported"; readonly proxy: string } & At)
  | ({ readonly code: "host-not-found" } & At)
  | ({ readonly code: "connection-refused" } & At)
  | ({ readonly code: "connect-timed-out"; readonly seconds: number } & At)
  | ({ readonly code: "network-unreachable" } & At)
  | ({ readonly code: "not-an-ssh-server" } & At)
  | ({ readonly code: "no-common-algorithm"; readonly reason: string } & At)
  /** The key is not known and nobody said that it may be trusted. */
  | ({ readonly code: "host-key-not-trusted"; readonly key: HostKey; readonly knownHostsName: string } & At)
  | ({
      readonly code: "host-key-rejected";
      readonly key: HostKey;
      readonly knownHostsName: string;
      readonly verdict: Extract<HostKeyVerdict, { kind: "changed" | "revoked" | "ca-only" | "unreadable" }>;
    } & At)
  | ({
      readonly code: "authentication-failed";
      readonly user: string;
      /** What was offered, in order, e.g. `publickey (~/.ssh/id_ed25519)`, `password`. */
      readonly tried: readonly string[];
      /** What the server still accepts. */
      readonly remaining: readonly string[];
    } & At)
  | { readonly code: "identity-file-unreadable"; readonly file: string; readonly reason: string }
  | ({ readonly code: "connection-lost" } & At)
  | { readonly code: "exec-timed-out"; readonly host: string; readonly seconds: number }
  | { readonly code: "channel-refused"; readonly host: string; readonly reason: string }
  /** A start-up file of the login shell ended or swallowed our script. */
  | { readonly code: "script-did-not-run"; readonly host: string; readonly output: string }
  | { readonly code: "value-has-nul" };
