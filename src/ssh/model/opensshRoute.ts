import type { Target } from "./target.js";

/**
 * How the system's OpenSSH reaches the same host as a connection of ours, with the same key and the same trust; or why
 * it cannot. Nothing secret is in it.
 */
export type OpensshRoute =
  | { readonly kind: "possible"; readonly hosts: readonly OpensshHost[] }
  /** `reason` is for the log. */
  | { readonly kind: "impossible"; readonly reason: string };

/** One host on the way; the one that is reached comes last. */
export interface OpensshHost {
  /** As it was written: `Host` patterns of the user's configuration match this name. */
  readonly target: Target;
  readonly login: OpensshLogin;
  /** Our own file first, then the user's. */
  readonly knownHostsFiles: readonly string[];
  /**
   * Of the key that was verified, or of those that are known; none while nothing is. Those of certificates where ssh itself
   * verifies the host by an authority that `known_hosts` names.
   */
  readonly hostKeyTypes: readonly string[];
  /** Whether the server signs with SHA-1 alone, and the person's configuration lets ssh take that. */
  readonly signsWithSha1?: boolean;
  /** A ProxyCommand leads to it that must not run a second time beside a connection: it may allocate what is counted. */
  readonly isReachedOnce?: boolean;
  /** Whether the configuration has forwards of its own. */
  readonly hasForwards: boolean;
  /** The jump hosts that a person chose for it, or none of them; undefined: as the configuration says. */
  readonly jump?: readonly Target[] | undefined;
}

/** What opened the connection and can open another without anybody being asked. */
export type OpensshLogin =
  | { readonly kind: "nothing" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "agent"; readonly address: string; readonly publicKey: string }
  | OpensshOwnLogin;

/** What OpenSSH finds out by itself, because we cannot offer it. */
export interface OpensshOwnLogin {
  readonly kind: "own";
  /** With the certificates that lie beside them. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Undefined: no agent. */
  readonly agent: string | undefined;
  /** Whether plain keys were offered before: only certificates and security keys are left then. */
  readonly onlyOpensshKeyTypes: boolean;
}
