import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayLabel, displayText } from "../../common/text/displayText.js";
import { groupOf, groupsOf, inOrder } from "../../connectionOrder.js";
import type { SavedConnection } from "../../savedConnections.js";
import { listHostAliases } from "../../ssh/config/hostAliases.js";
import { formatTarget, parseTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine, thisMachine } from "../../ssh/model/thisMachine.js";
import type { WindowPlaces, WindowsHost } from "../places/placesOf.js";
import { windowPlaces } from "../places/windowPlaces.js";

/** A host to choose; without a target, a separator. */
export interface HostChoice extends vscode.QuickPickItem {
  readonly target?: Target;
}

/**
 * Asks for a host: a saved one, an alias of `~/.ssh/config`, or one typed in.
 * @throws Cancelled
 */
export async function pickTarget(app: App): Promise<Target> {
  const known = await knownTargets(app, windowPlaces());
  const pick = vscode.window.createQuickPick<HostChoice>();
  pick.title = l10n.t("Connect to Host");
  pick.placeholder = l10n.t("Choose a host, or type user@host[:port]");
  pick.matchOnDescription = true;
  const show = (typed: string): void => {
    const target = tryParse(typed);
    const isListed = known.some(({ label }) => label === typed.trim());
    const typedChoice: HostChoice[] =
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
      // Where Enter came before the row for what is typed, none is active.
      const target = pick.activeItems[0]?.target ?? tryParse(pick.value);
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

/** The targets to choose from, those of this window first. */
export async function knownTargets(
  app: Pick<App, "savedConnections" | "ssh">,
  places: WindowPlaces,
): Promise<readonly HostChoice[]> {
  const [saved, aliases] = await Promise.all([
    app.savedConnections.list(),
    listHostAliases(homedir(), app.ssh.usersFile),
  ]);
  const { host } = places;
  const isWindows = (target: Target): boolean =>
    host !== undefined && formatTarget(host.target) === formatTarget(target);
  const hosts = inOrder(saved).filter(({ target }) => !isThisMachine(target) && !isWindows(target));
  const inGroups = [...groupsOf(hosts), undefined].map((group) =>
    section(
      group === undefined ? l10n.t("Saved connections") : displayText(group),
      hosts.filter((one) => groupOf(one) === group).map(savedChoice),
    ),
  );
  const isFresh = (alias: string): boolean =>
    !saved.some(({ target }) => formatTarget(target) === alias) && !isWindows({ host: alias });
  const aliasChoices = aliases
    .filter(isFresh)
    .map((alias): HostChoice => ({ label: alias, target: { host: alias } }));
  const here = places.isHereListed ? section(l10n.t("without SSH"), [hereChoice(places)]) : [];
  return [
    ...(host ? section(l10n.t("the host of this window"), [windowsChoice(host, saved)]) : []),
    ...(places.isHereFirst ? here : []),
    ...inGroups.flat(),
    ...section(l10n.t("From ~/.ssh/config"), aliasChoices),
    ...(places.isHereFirst ? [] : here),
  ];
}

/** With the name that the user gave it. */
function windowsChoice({ target }: WindowsHost, saved: readonly SavedConnection[]): HostChoice {
  const known = saved.find((one) => formatTarget(one.target) === formatTarget(target));
  return known ? savedChoice(known) : { label: displayLabel(formatTarget(target)), target };
}

function savedChoice({ name, target }: SavedConnection): HostChoice {
  const written = formatTarget(target);
  return {
    label: displayLabel(name),
    description: written === name ? "" : displayLabel(written),
    target,
  };
}

function hereChoice({ hereText }: WindowPlaces): HostChoice {
  return {
    label: l10n.t("This Machine"),
    description: displayLabel(hereText),
    target: thisMachine,
  };
}

function section(label: string, choices: readonly HostChoice[]): HostChoice[] {
  return choices.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}

function tryParse(text: string): Target | undefined {
  try {
    return text.trim() === "" ? undefined : parseTarget(text);
  } catch {
    return undefined;
  }
}
