import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import type { SavedConnection } from "../../savedConnections.js";
import type { KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import { forgetConnection } from "../flows/keptConnections.js";
import { passwordsIn } from "../kit/secrets.js";
import type { Ui } from "../kit/ui.js";
import { confirm, listed } from "./confirm.js";

/** Forgets these connections and their passwords, after confirmation. @throws Cancelled */
export async function forgetConnections(ui: Ui, all: readonly SavedConnection[]): Promise<void> {
  const [first] = all;
  if (!first) return;
  const names = all.map(({ name }) => displayText(name));
  const hasPassword = all.some(({ passwords }) => passwords !== undefined);
  if (all.length === 1)
    await confirm(
      l10n.t("Forget {0}?", names[0] ?? ""),
      l10n.t("Forget"),
      hasPassword
        ? l10n.t("Its saved password is removed, too.")
        : l10n.t("Only the entry in this list is removed."),
    );
  else {
    const what = hasPassword
      ? l10n.t("Their saved passwords are removed, too.")
      : l10n.t("Only the entries in this list are removed.");
    const question = l10n.t("Forget {0} connections?", all.length);
    await confirm(question, l10n.t("Forget"), `${listed(names)}\n\n${what}`);
  }
  const app = await ui.app();
  for (const saved of all) await forgetConnection(saved, { ...app, passwords: passwordsIn(ui.secrets) });
}

/** Removes these keys, after confirmation. @throws Cancelled */
export async function removeKnownHosts(
  { knownHosts }: App,
  entries: readonly KnownHostEntry[],
): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const named = ({ hosts, key }: KnownHostEntry): string => `${displayText(hosts)} ${key.fingerprint}`;
  if (entries.length === 1)
    await confirm(
      l10n.t("Remove this key of {0}? It will be asked about again.", displayText(first.hosts)),
      l10n.t("Remove"),
      `${first.key.type}\n${first.key.fingerprint}`,
    );
  else
    await confirm(
      l10n.t("Remove {0} keys? They will be asked about again.", entries.length),
      l10n.t("Remove"),
      listed(entries.map(named)),
    );
  for (const entry of entries) await knownHosts.remove(entry);
}
