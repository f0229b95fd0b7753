import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import { displayLabel, displayText } from "../../common/text/displayText.js";
import { isAnythingWished, type Scope } from "../../runs/watch/rules.js";
import type { RunWatch } from "../../runs/watch/runWatch.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { noticeCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { ageText, runLabel, syncTitle } from "../runKit/runWords.js";
import { runFrom } from "../runs/chosenRuns.js";
import type { RunNode } from "../runs/runNodes.js";
import { noticeText, wishesText } from "./noticeWords.js";
import { openTold } from "./openTold.js";
import { pickWishes } from "./pickWishes.js";
import { markAllSeen, runOf, unseenOf } from "./tellNotices.js";

/** Handlers of the commands for notices. */
export function noticeHandlers(ui: Ui, watch: () => Promise<RunWatch>): Handlers<typeof noticeCommandIds> {
  return {
    [noticeCommandIds.notifyAbout]: async (argument) => {
      const { syncId, scope, about } = subjectOf(argument) ?? (await pickSubject(ui));
      const made = await watch();
      const wishes = await pickWishes(about, await made.wishesOf(syncId, scope));
      await made.wish(syncId, scope, wishes);
      const text = isAnythingWished(wishes)
        ? l10n.t("Notices about {0}: {1}", about, wishesText(wishes))
        : l10n.t("No notices about {0}", about);
      vscode.window.setStatusBarMessage(text, 5_000);
    },
    [noticeCommandIds.showNotices]: async () => {
      const [app, made] = [await ui.app(), await watch()];
      const unseen = await unseenOf(app, made);
      if (unseen.length === 0) {
        void vscode.window.showInformationMessage(l10n.t("There are no new notices."));
        return;
      }
      const items = unseen.map((notice) => ({
        label: displayLabel(noticeText(notice)),
        description: ageText(notice.at),
        notice,
      }));
      const picked = await vscode.window.showQuickPick(items, {
        title: l10n.t("Notices"),
        placeHolder: l10n.t("Choose one to open its run"),
      });
      await markAllSeen(made, unseen);
      if (!picked) throw new Cancelled();
      const run = await runOf(app, picked.notice);
      if (run) await openTold(run);
      else void vscode.window.showInformationMessage(l10n.t("This run is not here any more."));
    },
  };
}

interface Subject {
  readonly syncId: string;
  readonly scope: Scope;
  readonly about: string;
}

/** The subject of notices for a tree item; undefined if it cannot have any. */
function subjectOf(argument: unknown): Subject | undefined {
  if (typeof argument !== "object" || argument === null || !("data" in argument)) return undefined;
  const { data } = argument as RunNode;
  switch (data.kind) {
    case "sync":
      return { syncId: data.sync.id, scope: { kind: "root" }, about: syncTitle(data.sync) };
    case "runGroup": {
      const [first] = data.runs;
      if (!first) return undefined;
      const { syncId, path } = first;
      return { syncId, scope: { kind: "group", path }, about: displayText(path) || "/" };
    }
    case "run":
      return subjectOfRun(data.run);
    default:
      return undefined;
  }
}

function subjectOfRun(run: Run): Subject {
  const { syncId, id, folder } = run;
  return { syncId, scope: { kind: "run", id, folder }, about: runLabel(run) };
}

async function pickSubject(ui: Ui): Promise<Subject> {
  return subjectOfRun(await runFrom(await ui.app(), undefined));
}
