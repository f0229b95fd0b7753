import { homedir } from "node:os";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";

interface EntryChoice extends vscode.QuickPickItem {
  readonly entry: KnownHostEntry;
}

/** Offers to import keys from the user's known_hosts file, which is only read. */
export async function importKnownHosts({ knownHosts }: App): Promise<void> {
  const missing = await knownHosts.missingFrom(join(homedir(), ".ssh", "known_hosts"));
  if (missing.length === 0) {
    void vscode.window.showInformationMessage(l10n.t("All keys in ~/.ssh/known_hosts are already trusted."));
    return;
  }
  const items = missing.map((entry): EntryChoice => ({
    entry,
    label: entry.hashed ? l10n.t("(hashed name)") : displayText(entry.hosts),
    description: [entry.marker, entry.key.type].filter(Boolean).join(" "),
    detail: entry.key.fingerprint,
    picked: true,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: l10n.t("Import from ~/.ssh/known_hosts"),
    placeHolder: l10n.t("Choose the keys to trust here"),
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked || picked.length === 0) throw new Cancelled();
  await knownHosts.addAll(picked.map(({ entry }) => entry));
}

interface KeyChoice extends vscode.QuickPickItem {
  readonly answer?: "replace" | "both" | "copy";
}

/**
 * Shows the old and new key of a host, and replaces the old one or adds the new one, after the user confirmed twice.
 * @param name the host's name in known_hosts; undefined: pick one.
 * @throws Cancelled
 */
export async function replaceHostKey({ knownHosts }: App, name: string | undefined): Promise<void> {
  const changed =
    knownHosts.changed.find((one) => one.name === name) ?? (await pickChanged(knownHosts.changed));
  const answer = await compare(changed);
  const { offered, known } = changed;
  const detail = [
    l10n.t("Old: {0}", known.map(({ key }) => key.fingerprint).join(", ")),
    l10n.t("New: {0}", offered.fingerprint),
  ];
  if (answer === "both") {
    await trustBoth(knownHosts, changed, detail);
    return;
  }
  const replace = l10n.t("Replace Key");
  const question = l10n.t("Trust the new key of {0} from now on?", displayText(changed.name));
  const options = { modal: true, detail: detail.join("\n") };
  if ((await vscode.window.showWarningMessage(question, options, replace)) !== replace) throw new Cancelled();
  await knownHosts.replace(changed.name, offered);
  await tellOfOtherFiles(changed, knownHosts.file);
}

/** For a name that several machines share, such as login nodes of a cluster: all of their keys are current. */
async function trustBoth(
  knownHosts: App["knownHosts"],
  { name, offered }: ChangedKey,
  detail: readonly string[],
): Promise<void> {
  const trust = l10n.t("Trust Both Keys");
  const question = l10n.t(
    "Does {0} stand for several machines, each with a key of its own?",
    displayText(name),
  );
  const options = { modal: true, detail: detail.join("\n") };
  if ((await vscode.window.showWarningMessage(question, options, trust)) !== trust) throw new Cancelled();
  await knownHosts.addBeside(name, offered);
}

async function pickChanged(all: readonly ChangedKey[]): Promise<ChangedKey> {
  if (all.length === 0) {
    void vscode.window.showInformationMessage(l10n.t("No host key has changed."));
    throw new Cancelled();
  }
  const [only, ...others] = all;
  if (only && others.length === 0) return only;
  const items = all.map((changed) => ({
    label: displayText(changed.name),
    description: changed.offered.type,
    changed,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a host") });
  if (!picked) throw new Cancelled();
  return picked.changed;
}

function compare({ name, offered, known }: ChangedKey): Promise<"replace" | "both"> {
  const pick = vscode.window.createQuickPick<KeyChoice>();
  pick.title = l10n.t("The host key of {0} has changed", displayText(name));
  pick.placeholder = l10n.t("Somebody may be pretending to be this host. Compare with its administrator.");
  pick.ignoreFocusOut = true;
  const separator = (label: string): KeyChoice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  pick.items = [
    { label: `$(close) ${l10n.t("Cancel")}`, detail: l10n.t("The new key is not trusted.") },
    separator(l10n.t("Known until now")),
    ...known.map(({ key, file, line }): KeyChoice => ({
      label: key.fingerprint,
      description: key.type,
      detail: l10n.t("line {0} of {1}", line, displayText(file)),
    })),
    separator(l10n.t("Offered now")),
    { label: offered.fingerprint, description: offered.type },
    { label: `$(copy) ${l10n.t("Copy Fingerprint")}`, answer: "copy" },
    separator(""),
    { label: `$(warning) ${l10n.t("Replace the Old Key…")}`, answer: "replace" },
    {
      label: `$(warning) ${l10n.t("Both Keys Are Right…")}`,
      detail: l10n.t("The name stands for several machines, such as the login nodes of a cluster."),
      answer: "both",
    },
  ];
  return new Promise((resolve, reject) => {
    pick.onDidHide(() => {
      reject(new Cancelled());
      pick.dispose();
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      if (chosen?.answer === "replace" || chosen?.answer === "both") {
        resolve(chosen.answer);
        pick.dispose();
      } else if (chosen?.answer === "copy") {
        void vscode.env.clipboard.writeText(offered.fingerprint);
        pick.placeholder = l10n.t("Copied");
      } else if (chosen === pick.items[0]) pick.hide();
    });
    pick.show();
  });
}

/** Other files, which we do not write, keep the old key: `ssh` in a terminal still refuses the host. */
async function tellOfOtherFiles({ name, known }: ChangedKey, ownFile: string): Promise<void> {
  const others = [...new Set(known.map(({ file }) => file))].filter((file) => file !== ownFile);
  const [file] = others;
  if (file === undefined) return;
  const copy = l10n.t("Copy Command");
  const text = l10n.t(
    "New key trusted. {0} still has the old key; remove it there to use ssh in a terminal.",
    displayText(file),
  );
  const chosen = await vscode.window.showInformationMessage(text, copy);
  if (chosen === copy) await vscode.env.clipboard.writeText(`ssh-keygen -R '${name}' -f '${file}'`);
}
