import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { HostKeyQuestion } from "../../ssh/model/hostKeys.js";

/** Maximum notifications at once: a main server may request any number of hosts. */
const most = 3;

/**
 * Notifies of unknown host keys, for which a command of the main server was refused. A dismissed one is not shown again
 * in this window.
 */
export function watchUnknownHostKeys(
  { relay, knownHosts }: App,
  onError: (error: unknown) => void,
): Disposable {
  const told = new Set<string>();
  let open = 0;
  const tell = async ({ host, port, knownHostsName, key }: HostKeyQuestion): Promise<void> => {
    const trust = l10n.t("Trust");
    const copy = l10n.t("Copy Fingerprint");
    const text = l10n.t(
      "The relay agent does not know the host key of {0} (port {1}), so it ran nothing there. Compare {2} with the host's administrator.",
      displayText(host),
      port,
      key.fingerprint,
    );
    for (;;) {
      const chosen = await vscode.window.showWarningMessage(text, trust, copy);
      if (chosen === trust) await knownHosts.add(knownHostsName, key);
      if (chosen !== copy) return;
      await vscode.env.clipboard.writeText(key.fingerprint);
    }
  };
  return relay.onUnknownHostKey((question) => {
    const id = `${question.knownHostsName} ${question.key.fingerprint}`;
    if (told.has(id) || open >= most) return;
    told.add(id);
    open += 1;
    tell(question)
      .catch(onError)
      .finally(() => (open -= 1));
  });
}
