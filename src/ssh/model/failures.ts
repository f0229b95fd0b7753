import { failureGuard } from "../../common/failure.js";
import type { HostKey, HostKeyVerdict } from "./hostKeys.js";

/** Which host a failure is about. */
export interface At {
  /** As a person knows it. */
  readonly host: string;
  readonly port: number;
  /** Set for a jump host: the host that it leads to. */
  readonly onTheWayTo?: string | undefined;
}

/** All failures of connecting to a host or running something there. */
export type SshFailure =
  | { readonly code: "target-invalid"; readonly text: string }
  /** ssh does not take `~/.ssh/config`, or a file that it names; `file` and `line` where it tells them. */
  | {
      readonly code: "ssh-config-refused";
      readonly said: string;
      readonly file?: string;
      /** 1-based. */
      readonly line?: number;
    }
  /** A shell would not take the name as it is, and the ProxyCommand for the host holds it: `token` is `%h`, `%n` or `%r`. */
  | {
      readonly code: "name-unfit-for-command";
      readonly host: string;
      readonly name: string;
      readonly token: string;
    }
  /** The configuration leads through a host to that same host. */
  | ({ readonly code: "jump-loop" } & At)
  /** The jump host did not open the way to the next host; `next` is that host with its port. */
  | ({ readonly code: "hop-failed"; readonly next: string; readonly reason: string } & At)
  /** The command of ProxyCommand ended or could not be started; `output` is what it said. */
  | ({ readonly code: "proxy-command-failed"; readonly command: string; readonly output: string } & At)
  | ({ readonly code: "host-not-found" } & At)
  | ({ readonly code: "connection-refused" } & At)
  | ({ readonly code: "connect-timed-out"; readonly seconds: number } & At)
  /** The host key was there, and then nobody was let in; `said` is what the server told meanwhile. */
  | ({ readonly code: "login-timed-out"; readonly seconds: number; readonly said: string } & At)
  | ({ readonly code: "network-unreachable" } & At)
  | ({ readonly code: "not-an-ssh-server" } & At)
  /** Longer than our library reads, which is 35,000 bytes: a banner, most often. */
  | ({
      readonly code: "packet-too-long";
      /** What the system's ssh said, where it was tried after us. */
      readonly openssh?: string;
    } & At)
  | ({
      readonly code: "no-common-algorithm";
      readonly reason: string;
      /** What the system's ssh said, where it was tried after us. */
      readonly openssh?: string;
    } & At)
  /** The key is not known and nobody said that it may be trusted. */
  | ({
      readonly code: "host-key-not-trusted";
      readonly key: HostKey;
      readonly knownHostsName: string;
      /** Whether a person was asked, or StrictHostKeyChecking forbade it. */
      readonly refusedBy: "answer" | "configuration";
    } & At)
  | ({
      readonly code: "host-key-rejected";
      readonly key: HostKey;
      readonly knownHostsName: string;
      readonly verdict: Extract<HostKeyVerdict, { kind: "changed" | "revoked" | "ca-only" | "unreadable" }>;
      /** What the system's ssh said, where it was to verify a certificate. */
      readonly openssh?: string;
    } & At)
  | ({
      readonly code: "authentication-failed";
      readonly user: string;
      /** What was offered, in order, e.g. `publickey (~/.ssh/id_ed25519)`, `password`. */
      readonly tried: readonly string[];
      /** What the server still accepts. */
      readonly remaining: readonly string[];
      /** What `ssh` could have used and we cannot: security keys, certificates. */
      readonly skipped: readonly string[];
      /** What the system's ssh said, where it was tried with those. */
      readonly openssh?: string;
      /** An agent that took the connection and did not answer. */
      readonly silentAgent?: string | undefined;
      /** What the server told without a question. */
      readonly said?: string;
    } & At)
  /** The system's ssh, which was to carry the connection, does not trust the key that we do. */
  | ({ readonly code: "openssh-host-key-refused"; readonly output: string } & At)
  /** The server ended the connection because too much was tried; `tried` is what was. */
  | ({ readonly code: "too-many-failures"; readonly user: string; readonly tried: readonly string[] } & At)
  /** The server sent banners or questions without end. */
  | ({ readonly code: "too-much-before-login" } & At)
  /** `file`: undefined for a key that was given as text. */
  | {
      readonly code: "identity-file-unreadable";
      readonly file: string | undefined;
      readonly reason: string;
    }
  | ({ readonly code: "connection-lost" } & At)
  /** Nothing is known of how this connection was made. */
  | { readonly code: "connection-unknown"; readonly id: string }
  /** The server ended the connection before it was open; `reason` is what it said, which may be nothing. */
  | ({ readonly code: "disconnected"; readonly reason: string; readonly said?: string } & At)
  | { readonly code: "exec-timed-out"; readonly host: string; readonly seconds: number }
  | { readonly code: "channel-refused"; readonly host: string; readonly reason: string }
  /**
   * Our script did not run: a start-up file, a login shell or a forced command on the host prevented it. `output` is
   * the end of what it printed instead.
   */
  | {
      readonly code: "script-did-not-run";
      readonly host: string;
      readonly output: string;
      /** Undefined where it did not end by itself. */
      readonly exitStatus?: number | undefined;
    }
  /** The shell on the host in which our scripts run side by side. */
  | { readonly code: "shell-ended"; readonly host: string }
  | { readonly code: "value-has-nul" };

export const isSshFailure = failureGuard<SshFailure>();
