import type { SshFailure } from "../../ssh/model/failures.js";

/** Why the agent does not start. */
export type RelayStartFailure =
  | { readonly code: "relay-url-invalid" }
  /** Neither TLS nor this machine, and nobody allowed that. */
  | { readonly code: "relay-url-insecure"; readonly host: string }
  | { readonly code: "relay-id-invalid" }
  | { readonly code: "relay-key-too-short"; readonly minimum: number }
  | { readonly code: "relay-host-entry-invalid"; readonly entry: string }
  | { readonly code: "relay-pattern-invalid"; readonly pattern: string }
  | { readonly code: "relay-ca-unreadable"; readonly file: string; readonly reason: string }
  | { readonly code: "relay-key-unreadable"; readonly file: string; readonly reason: string }
  /** Another window or program is this agent. */
  | { readonly code: "relay-already-running" };

/** Why a command was not run. */
export type RelayCommandFailure =
  | { readonly code: "relay-command-malformed"; readonly field: string }
  | { readonly code: "relay-host-not-allowed"; readonly host: string }
  /** The name may be reached, what it stands for may not. */
  | { readonly code: "relay-address-not-allowed"; readonly host: string; readonly address: string }
  | { readonly code: "relay-command-not-allowed" }
  /** The only credential is a key with a passphrase, and the document has no field for one. */
  | { readonly code: "relay-key-encrypted" }
  | { readonly code: "relay-busy"; readonly waiting: number };

/** Why the output of a command is not there, or not whole. */
export type RelayOutputFailure =
  | { readonly code: "relay-timed-out"; readonly milliseconds: number }
  | { readonly code: "relay-cancelled"; readonly why: "server-away" | "stopped" }
  /** The agent ended before its turn came. */
  | { readonly code: "relay-never-begun" }
  /** The agent ended while it ran: nobody knows how far it came. */
  | { readonly code: "relay-interrupted" }
  | { readonly code: "relay-connection-lost"; readonly host: string }
  /** The program on the host that ran it was ended, or was not what we started. */
  | { readonly code: "relay-runner-ended"; readonly host: string }
  | { readonly code: "relay-ended-by-signal"; readonly signal: string }
  | {
      readonly code: "relay-output-cut";
      readonly stream: "stdout" | "stderr";
      /** Bytes. */
      readonly kept: number;
      readonly printed: number;
    }
  /** It ran, and its output was too old or too much to be kept. */
  | { readonly code: "relay-output-gone" };

export type RelayFailure = RelayStartFailure | RelayCommandFailure | RelayOutputFailure;

/** Whatever the main server is told in the place of standard error. */
export type Remark = RelayFailure | SshFailure;

/** Puts a remark into words. */
export type Describe = (remark: Remark) => string;
