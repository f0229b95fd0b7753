import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import { isSshFailure, type SshFailure } from "../ssh/model/failures.js";
import { unattended } from "../ssh/model/interaction.js";
import type { KnownKey } from "../ssh/model/hostKeys.js";
import { parseTarget } from "../ssh/model/target.js";
import { ask } from "./terminalInteraction.js";

export interface ReplaceHostKeyCommand {
  /** As written: `user@host[:port]` or an alias of `~/.ssh/config`. */
  readonly host: string;
  /** `SHA256:…`: the new key to accept without asking. */
  readonly acceptHostKey?: string;
  /** Keeps the known keys, too, for a name of several machines. */
  readonly keepOld: boolean;
}

type RejectedKey = Extract<SshFailure, { code: "host-key-rejected" }>;

/**
 * Shows the known and the new key of a host, and replaces or adds the key if the user confirms it, or if it was given on
 * the command line.
 * @throws Failure with an `SshFailure`: `host-key-rejected` if the new key was not accepted.
 */
export async function replaceHostKey(
  app: App,
  { host, acceptHostKey, keepOld }: ReplaceHostKeyCommand,
  signal: AbortSignal,
): Promise<void> {
  const refused = await keyProblem(app, host, signal);
  if (refused?.detail.verdict.kind !== "changed") {
    if (refused) throw refused;
    process.stdout.write(
      `${l10n.t("{0} shows the key that is known. Nothing was changed.", displayText(host))}\n`,
    );
    return;
  }
  const { key, knownHostsName, verdict } = refused.detail;
  describe(refused.detail, verdict.known);
  const isWanted =
    acceptHostKey === undefined
      ? await askWhetherToTrust(keepOld, signal)
      : acceptHostKey === key.fingerprint;
  if (!isWanted) throw refused;
  await app.knownHosts[keepOld ? "addBeside" : "replace"](knownHostsName, key);
  process.stdout.write(
    `${l10n.t("The new key of {0} is trusted from now on.", displayText(knownHostsName))}\n`,
  );
}

/** Connects only to get the host key; a failed login does not matter. */
async function keyProblem(app: App, host: string, signal: AbortSignal) {
  try {
    await app.connections.connect({ target: parseTarget(host) }, unattended, { signal });
  } catch (error) {
    if (isSshFailure(error, "host-key-rejected")) return error;
    if (!isSshFailure(error, "authentication-failed", "too-many-failures")) throw error;
  }
  return undefined;
}

function describe({ knownHostsName, key }: RejectedKey, known: readonly KnownKey[]): void {
  const lines = [
    l10n.t("The host key of {0} has changed", displayText(knownHostsName)),
    l10n.t("Somebody may be pretending to be this host. Compare with its administrator."),
    ...known.map(
      (one) =>
        `${l10n.t("Known until now")}: ${displayText(one.key.type)} ${one.key.fingerprint} (${l10n.t("line {0} of {1}", one.line, displayText(one.file))})`,
    ),
    `${l10n.t("Offered now")}: ${displayText(key.type)} ${key.fingerprint}`,
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
}

async function askWhetherToTrust(keepOld: boolean, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const question = keepOld
    ? l10n.t('Type "both" to trust the new key beside the known ones: ')
    : l10n.t('Type "replace" to trust the new key: ');
  const answer = await ask(question, { hidden: false, signal });
  return answer.trim() === (keepOld ? "both" : "replace");
}
