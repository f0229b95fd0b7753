import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import type { HostKeyQuestion } from "../../ssh/model/hostKeys.js";

interface Choice extends vscode.QuickPickItem {
  readonly answer: "trust" | "refuse" | "copy";
}

/** Asks whether to trust an unknown host key. Closing the question refuses. */
export function askAboutHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<"trust" | "refuse"> {
  const { host, port, key, onTheWayTo } = question;
  const pick = vscode.window.createQuickPick<Choice>();
  const shown = displayText(host);
  pick.title =
    onTheWayTo === undefined
      ? l10n.t("Unknown host key of {0} (port {1})", shown, port)
      : l10n.t("Unknown host key of {0} (port {1}), on the way to {2}", shown, port, displayText(onTheWayTo));
  // A host known by a key of another type may have a second key, or be an impostor that omits the first.
  pick.placeholder =
    question.verdict.kind === "other-type"
      ? l10n.t("This host is known by another kind of key. Compare the fingerprint with its administrator.")
      : l10n.t("Compare the fingerprint with one from the host's administrator");
  pick.ignoreFocusOut = true;
  const cancel: Choice = {
    answer: "refuse",
    label: `$(close) ${l10n.t("Cancel")}`,
    detail: l10n.t("Nothing has been sent yet."),
  };
  pick.items = [
    cancel,
    {
      answer: "trust",
      label: `$(check) ${l10n.t("Trust and Connect")}`,
      description: key.type,
      detail: key.fingerprint,
    },
    { answer: "copy", label: `$(copy) ${l10n.t("Copy Fingerprint")}` },
  ];
  return new Promise((resolve) => {
    const finish = (answer: "trust" | "refuse"): void => {
      resolve(answer);
      pick.dispose();
    };
    signal.addEventListener("abort", () => finish("refuse"), { once: true });
    pick.onDidHide(() => finish("refuse"));
    pick.onDidAccept(() => {
      const answer = pick.activeItems[0]?.answer;
      if (answer === "copy") {
        void vscode.env.clipboard.writeText(key.fingerprint);
        pick.placeholder = l10n.t("Copied");
      } else finish(answer ?? "refuse");
    });
    pick.show();
  });
}
