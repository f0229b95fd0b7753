/** A host's public key as it was offered in the key exchange. */
export interface HostKey {
  /** e.g. `ssh-ed25519` */
  readonly type: string;
  /** The key blob of RFC 4253, base64. */
  readonly base64: string;
  /** `SHA256:` and unpadded base64, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
}

/**
 * The result of looking an offered key up in known_hosts. Only `match` continues; only `unknown` and `other-type` may
 * be put to the user.
 */
export type HostKeyVerdict =
  | { readonly kind: "match" }
  | { readonly kind: "unknown" }
  /** The host is known by keys of other types only. */
  | { readonly kind: "other-type"; readonly known: readonly KnownKey[] }
  | { readonly kind: "changed"; readonly known: readonly KnownKey[] }
  | { readonly kind: "revoked"; readonly file: string }
  /** Only a certificate authority vouches for this host: the system's ssh checks certificates, we cannot. */
  | { readonly kind: "ca-only"; readonly file: string }
  /** Fails closed: an unreadable file may contain @revoked entries. */
  | { readonly kind: "unreadable"; readonly file: string };

/** A key found in a known_hosts file. */
export interface KnownKey {
  readonly key: HostKey;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** The question that a person is asked before a key is trusted. */
export interface HostKeyQuestion {
  readonly host: string;
  readonly port: number;
  /** Set for a jump host: the host that it leads to. */
  readonly onTheWayTo?: string | undefined;
  /** How known_hosts names the host: `name` on port 22, `[name]:port` elsewhere. */
  readonly knownHostsName: string;
  readonly key: HostKey;
  readonly verdict: Extract<HostKeyVerdict, { kind: "unknown" | "other-type" }>;
}
