import { Failure } from "../common/failure.js";
import type { SshFailure } from "./failures.js";
import { hostKeyOf, keyTypeOfBlob } from "./knownHostsFile.js";
import type { Interaction } from "./interaction.js";
import type { KnownHosts } from "./knownHosts.js";

export interface HostKeyCheck {
  readonly host: string;
  readonly port: number;
  /** How known_hosts names the host. */
  readonly name: string;
  readonly knownHosts: KnownHosts;
  readonly interaction: Interaction;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the offered key is known, or when a person trusted it just now; it is then kept.
 * @throws Failure `host-key-rejected` or `host-key-not-trusted`.
 */
export async function verifyHostKey(blob: Buffer, check: HostKeyCheck): Promise<void> {
  const { host, port, name, knownHosts, interaction, signal } = check;
  const key = hostKeyOf(keyTypeOfBlob(blob) ?? "unknown", blob);
  const verdict = await knownHosts.verify(name, key);
  switch (verdict.kind) {
    case "match":
      return;
    case "changed":
    case "revoked":
    case "ca-only":
    case "unreadable":
      throw new Failure<SshFailure>({
        code: "host-key-rejected",
        host,
        port,
        key,
        knownHostsName: name,
        verdict,
      });
    case "unknown":
    case "other-type": {
      const question = { host, port, knownHostsName: name, key, verdict };
      if ((await interaction.confirmHostKey(question, signal)) === "refuse") {
        throw new Failure<SshFailure>({
          code: "host-key-not-trusted",
          host,
          port,
          key,
          knownHostsName: name,
        });
      }
      await knownHosts.add(name, key);
    }
  }
}
