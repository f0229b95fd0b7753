import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { byRecent } from "../../savedConnections.js";
import { listHostAliases } from "../../ssh/config/hostAliases.js";
import { formatTarget, parseTarget, type Target } from "../../ssh/model/target.js";

interface Choice extends vscode.QuickPickItem {
  readonly target?: Target;
}

/**
 * Asks for a host: a saved one, an alias of `~/.ssh/config`, or one typed in.
 * @throws Cancelled
 */
export async function pickTarget(app: App): Promise<Target> {
  const known = await knownTargets(app);
  const pick = vscode.window.createQuickPick<Choice>();
  pick.title = l10n.t("Connect to Host");
  pick.placeholder = l10n.t("Choose a host, or type user@host[:port]");
  pick.matchOnDescription = true;
  const show = (typed: string): void => {
    const target = tryParse(typed);
    const isListed = known.some(({ label }) => label === typed.trim());
    const typedChoice: Choice[] =
      target && !isListed
        ? [
            {
              label: formatTarget(target),
              description: l10n.t("Connect to this host"),
              target,
              alwaysShow: true,
            },
          ]
        : [];
    pick.items = [...typedChoice, ...known];
  };
  show("");
  return new Promise((resolve, reject) => {
    pick.onDidChangeValue(show);
    pick.onDidHide(() => {
      reject(new Cancelled());
      pick.dispose();
    });
    pick.onDidAccept(() => {
      const target = pick.activeItems[0]?.target;
      if (!target) {
        pick.placeholder = l10n.t("Enter user@host[:port] or a Host from ~/.ssh/config.");
        return;
      }
      resolve(target);
      pick.dispose();
    });
    pick.show();
  });
}

async function knownTargets(app: App): Promise<Choice[]> {
  const [saved, aliases] = await Promise.all([
    app.savedConnections.list(),
    listHostAliases(homedir(), app.ssh.usersFile),
  ]);
  const savedChoices = byRecent(saved).map(({ name, target }): Choice => {
    const written = formatTarget(target);
    return { label: name, description: written === name ? "" : written, target };
  });
  const fresh = aliases.filter((alias) => !saved.some(({ target }) => formatTarget(target) === alias));
  const aliasChoices = fresh.map((host): Choice => ({ label: host, target: { host } }));
  return [
    ...section(l10n.t("Saved connections"), savedChoices),
    ...section(l10n.t("From ~/.ssh/config"), aliasChoices),
  ];
}

function section(label: string, choices: readonly Choice[]): Choice[] {
  return choices.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}

function tryParse(text: string): Target | undefined {
  try {
    return text.trim() === "" ? undefined : parseTarget(text);
  } catch {
    return undefined;
  }
}
