import type { ServerHostKeyAlgorithm } from "ssh2";
import { Failure } from "../../common/failure.js";
import type { At, SshFailure } from "../model/failures.js";
import type { HostConfig } from "../config/hostConfig.js";
import type { HostKey, HostKeyQuestion } from "../model/hostKeys.js";
import { hostKeyOf, keyTypeOfBlob } from "./knownHostsFile.js";
import type { Interaction } from "../model/interaction.js";
import type { KnownHosts } from "./knownHosts.js";

export interface HostKeyCheck {
  readonly at: At;
  /** How known_hosts names the host. */
  readonly name: string;
  /** The user's and the system's files where the configuration names others than the usual ones. */
  readonly foreignFiles: readonly string[] | undefined;
  readonly unknownHostKey: HostConfig["unknownHostKey"];
  readonly knownHosts: KnownHosts;
  readonly interaction: Interaction;
  readonly signal: AbortSignal;
  /** That it has none though an authority is known for it: a person may trust its own key then. Default false. */
  readonly hasNoCertificate?: boolean;
}

/**
 * Resolves when the offered key is known, or when the user or the configuration (for hosts never seen before) accepts
 * it. An accepted key is saved.
 * @returns the key.
 * @throws Failure `host-key-rejected` or `host-key-not-trusted`.
 */
export async function verifyHostKey(blob: Buffer, check: HostKeyCheck): Promise<HostKey> {
  const { at, name, foreignFiles, knownHosts } = check;
  const key = hostKeyOf(keyTypeOfBlob(blob) ?? "unknown", blob);
  const verdict = await knownHosts.verify(name, key, foreignFiles);
  const about = { ...at, key, knownHostsName: name };
  switch (verdict.kind) {
    case "match":
      return key;
    case "changed":
    case "revoked":
    case "unreadable":
      throw new Failure<SshFailure>({ code: "host-key-rejected", ...about, verdict });
    case "ca-only":
      if (check.hasNoCertificate !== true)
        throw new Failure<SshFailure>({ code: "host-key-rejected", ...about, verdict });
      await decide({ ...about, verdict: { kind: "unknown" } }, check);
      break;
    case "unknown":
    case "other-type":
      await decide({ ...about, verdict }, check);
  }
  await knownHosts.add(name, key);
  return key;
}

async function decide(question: HostKeyQuestion, check: HostKeyCheck): Promise<void> {
  const { verdict, ...about } = question;
  const refuse = (refusedBy: "answer" | "configuration"): never => {
    throw new Failure<SshFailure>({ code: "host-key-not-trusted", ...about, refusedBy });
  };
  if (check.unknownHostKey === "refuse") refuse("configuration");
  // A host with another known key is not new: never accept automatically.
  if (check.unknownHostKey === "accept" && verdict.kind === "unknown") return;
  if ((await check.interaction.confirmHostKey(question, check.signal)) === "refuse") refuse("answer");
}

/** Without `ssh-rsa`, whose signatures use SHA-1. RSA keys still work, with SHA-2 signatures. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** Known key types first, so that the server shows a key that known_hosts has (as OpenSSH's HostKeyAlgorithms does). */
export function orderedFor(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm);
  return [
    ...hostKeyAlgorithms.filter(isKnown),
    ...hostKeyAlgorithms.filter((algorithm) => !isKnown(algorithm)),
  ];
}
