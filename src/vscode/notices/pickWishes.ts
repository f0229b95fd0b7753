import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import { displayLabel } from "../../common/text/displayText.js";
import type { Wishes } from "../../runs/watch/rules.js";
import { parseThreshold, thresholdText } from "../../runs/watch/threshold.js";

interface WishItem extends vscode.QuickPickItem {
  readonly wish: "finished" | "failed" | "notFinite" | "stalled" | "newThreshold" | "threshold";
  readonly threshold?: string;
}

/** Default factor of the usual interval after which a silent run counts as stalled. */
const usualTimes = 5;
const mostThresholds = 20;

/** Asks what the user wants to be notified of. @param about display text of the subject. @throws Cancelled */
export async function pickWishes(about: string, before: Wishes): Promise<Wishes> {
  const picked = await vscode.window.showQuickPick(itemsOf(before), {
    title: l10n.t("Notify Me About {0}", about),
    placeHolder: l10n.t("Check what you want to hear of. Nothing checked: no notices."),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (!picked) throw new Cancelled();
  const has = (wish: WishItem["wish"]): boolean => picked.some((item) => item.wish === wish);
  const stalled = has("stalled") ? await askForTimes(before.stalled ?? usualTimes) : undefined;
  const kept = picked.flatMap(({ threshold }) => threshold ?? []);
  const more = has("newThreshold") ? await askForThresholds() : [];
  return {
    finished: has("finished"),
    failed: has("failed"),
    notFinite: has("notFinite"),
    ...(stalled !== undefined && { stalled }),
    thresholds: [...new Set([...kept, ...more])].slice(0, mostThresholds),
  };
}

function itemsOf({ finished, failed, notFinite, stalled, thresholds }: Wishes): WishItem[] {
  return [
    { wish: "finished", label: l10n.t("Finished"), picked: finished },
    {
      wish: "failed",
      label: l10n.t("Failed or Crashed"),
      description: l10n.t("also interrupted, or killed without a word"),
      picked: failed,
    },
    {
      wish: "notFinite",
      label: l10n.t("NaN or Infinity"),
      description: l10n.t("in any metric"),
      picked: notFinite,
    },
    {
      wish: "stalled",
      label: l10n.t("Stalled"),
      description:
        stalled === undefined
          ? l10n.t("no new value for several times its usual interval")
          : l10n.t("no new value for {0} times its usual interval", stalled),
      picked: stalled !== undefined,
    },
    ...thresholds.map((threshold): WishItem => ({
      wish: "threshold",
      label: displayLabel(threshold),
      picked: true,
      threshold,
    })),
    {
      wish: "newThreshold",
      label: l10n.t("A Threshold…"),
      description: l10n.t("a metric above or below a value"),
    },
  ];
}

async function askForTimes(before: number): Promise<number> {
  const read = (text: string): number => Number(text.trim().replace(",", "."));
  const text = await vscode.window.showInputBox({
    title: l10n.t("Stalled"),
    prompt: l10n.t("No new value for how many times the usual interval?"),
    value: String(before),
    ignoreFocusOut: true,
    validateInput: (typed) =>
      read(typed) >= 1.5 && read(typed) <= 10_000 ? undefined : l10n.t("A number from 1.5 to 10000."),
  });
  if (text === undefined) throw new Cancelled();
  return read(text);
}

async function askForThresholds(): Promise<readonly string[]> {
  const read = (text: string): readonly (string | undefined)[] =>
    text
      .split(",")
      .filter((part) => part.trim() !== "")
      .map((part) => parseThreshold(part))
      .map((threshold) => threshold && thresholdText(threshold));
  const text = await vscode.window.showInputBox({
    title: l10n.t("Threshold"),
    prompt: l10n.t("A metric, <, <=, > or >=, and a number. Several with commas between them."),
    placeHolder: "val_acc > 0.9",
    ignoreFocusOut: true,
    validateInput: (typed) => {
      const thresholds = read(typed);
      return thresholds.length > 0 && thresholds.length <= mostThresholds && !thresholds.includes(undefined)
        ? undefined
        : l10n.t("For example: {0}", "val_acc > 0.9");
    },
  });
  if (text === undefined) throw new Cancelled();
  return read(text).flatMap((one) => one ?? []);
}
