import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { type Ask, deleteRun, type EditOutcome, editRun, restoreRun } from "../../viewer/runEdits.js";
import { writeBackCommandIds } from "../kit/commandIds.js";
import { withProgress } from "../kit/progress.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { runLabel } from "../runKit/runWords.js";
import { runFrom, runsFrom } from "../runs/chosenRuns.js";
import { confirm, listed } from "../selection/confirm.js";
import { type Changes, changeEach, type Refusal } from "./changeEach.js";
import { changedTags, tagsIn } from "./changedTags.js";
import { tagsOnHost } from "./tagsOnHost.js";
import { viewerOf } from "./viewerOf.js";

/** Maximum characters of a name, and of a tag. */
const longestText = 200;
const mostTags = 50;

/** Handlers of the commands that change runs on their host. */
export function writeBackHandlers(ui: Ui): Handlers<typeof writeBackCommandIds> {
  return {
    [writeBackCommandIds.editRunTags]: async (argument) => {
      const app = await ui.app();
      const run = await runFrom(app, argument);
      const shown = run.tags.join(", ");
      const written = await askForTags(run, shown);
      await change(
        ui,
        [run],
        l10n.t("Changing the tags of {0}", runLabel(run)),
        all(async (ask, _run, signal) => {
          const tags = changedTags(shown, written, await tagsOnHost(app, run, signal));
          return editRun(ask, run.id, { tags });
        }),
      );
    },
    [writeBackCommandIds.renameRun]: async (argument) => {
      const run = await runFrom(await ui.app(), argument);
      const alias = await askForName(run);
      await change(
        ui,
        [run],
        l10n.t("Renaming {0}", runLabel(run)),
        all((ask) => editRun(ask, run.id, { alias })),
      );
    },
    [writeBackCommandIds.deleteRun]: async (argument, selection) => {
      const runs = (await runsFrom(await ui.app(), argument, selection)).filter(
        ({ isDeleted }) => !isDeleted,
      );
      await askToDelete(runs);
      await change(ui, runs, l10n.t("Moving to the recycle bin"), {
        work: (ask, run) => deleteRun(ask, run.id),
        onDone: (done) => void offerUndo(ui, done),
      });
    },
    [writeBackCommandIds.restoreRun]: async (argument, selection) => {
      await restore(ui, await runsFrom(await ui.app(), argument, selection));
    },
  };
}

interface Change {
  readonly work: (ask: Ask, run: Run, signal: AbortSignal) => Promise<EditOutcome>;
  /** Called if some of them were changed. */
  readonly onDone?: (done: readonly Run[]) => void;
  /** The runs are in the recycle bin, where names are unique. */
  readonly isOfDeleted?: boolean;
}

function all(work: Change["work"]): Change {
  return { work };
}

async function restore(ui: Ui, runs: readonly Run[]): Promise<void> {
  await change(ui, runs, l10n.t("Restoring from the recycle bin"), {
    work: (ask, run) => restoreRun(ask, run.id),
    isOfDeleted: true,
  });
}

/** Changes runs one by one, reports refusals, and updates the copies. */
async function change(ui: Ui, runs: readonly Run[], title: string, how: Change): Promise<void> {
  const { syncs } = await ui.app();
  const asks = new Map<string, Ask>();
  for (const run of runs) if (!asks.has(run.syncId)) asks.set(run.syncId, await viewerOf(ui, run));
  const here = how.isOfDeleted ? () => Promise.resolve([]) : createNamesakes(syncs);
  const { done, tried, refused, failure } = await withProgress(title, (signal) =>
    changeEach(runs, {
      here,
      signal,
      work: async (run) => {
        const ask = asks.get(run.syncId);
        if (!ask) throw new Cancelled();
        return how.work(ask, run, signal);
      },
    }),
  );
  if (refused.length > 0) void vscode.window.showWarningMessage(refusedText(refused));
  for (const syncId of new Set(tried.map((run) => run.syncId)))
    void syncs.syncNow(syncId).catch(() => undefined);
  if (done.length > 0) how.onDone?.(done);
  if (failure !== undefined) throw failure;
}

/** Finds runs with the same id that are not deleted; reads each root once. */
function createNamesakes(syncs: App["syncs"]): (run: Run) => Promise<readonly Run[]> {
  const roots = new Map<string, Promise<ReadonlyMap<string, readonly Run[]>>>();
  const look = async (syncId: string): Promise<ReadonlyMap<string, readonly Run[]>> => {
    const found = new Map<string, Run[]>();
    for (const run of await syncs.runs(syncId)) {
      const namesakes = found.get(run.id);
      if (namesakes) namesakes.push(run);
      else found.set(run.id, [run]);
    }
    return found;
  };
  return async ({ syncId, id }) => {
    const found = roots.get(syncId) ?? look(syncId);
    roots.set(syncId, found);
    return (await found).get(id) ?? [];
  };
}

/** Maximum number of refusals in one notification. */
const mostRefusals = 3;

function refusedText(refused: Changes<Run>["refused"]): string {
  const more = refused.length - mostRefusals;
  return [
    ...refused.slice(0, mostRefusals).map(({ run, why }) => refusalText(run, why)),
    ...(more > 0 ? [l10n.t("and {0} more", more)] : []),
  ].join(" ");
}

function refusalText(run: Run, why: Refusal): string {
  switch (why.kind) {
    case "unsupported":
      return l10n.t(
        "The host's version of Runicorn cannot do this. Tags and names need Runicorn 0.6 or newer there.",
      );
    case "ambiguous":
      return l10n.t(
        "{0} was not changed. The folder {1} has the same name, and Runicorn could change that one instead.",
        runLabel(run),
        displayText(why.other),
      );
    case "refused": {
      const words = displayText(why.why) || String(why.status);
      return l10n.t("{0} was not changed. Runicorn's viewer says: {1}", runLabel(run), words);
    }
  }
}

async function askForName(run: Run): Promise<string> {
  const name = await vscode.window.showInputBox({
    title: l10n.t("Rename {0}", runLabel(run)),
    prompt: l10n.t("The run's name in Runicorn. Empty: it is called by its id."),
    value: run.alias ?? "",
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.length <= longestText ? undefined : l10n.t("At most {0} characters.", longestText),
  });
  if (name === undefined || name.trim() === (run.alias ?? "")) throw new Cancelled();
  return name.trim();
}

/** @returns the edited text. */
async function askForTags(run: Run, shown: string): Promise<string> {
  const text = await vscode.window.showInputBox({
    title: l10n.t("Tags of {0}", runLabel(run)),
    prompt: l10n.t("With commas between them. Empty: none."),
    value: shown,
    ignoreFocusOut: true,
    validateInput: (typed) =>
      tagsIn(typed).length <= mostTags && tagsIn(typed).every((tag) => tag.length <= longestText)
        ? undefined
        : l10n.t("At most {0} tags of {1} characters.", mostTags, longestText),
  });
  if (text === undefined || text === shown) throw new Cancelled();
  return text;
}

/** @throws Cancelled unless the user agrees. */
async function askToDelete(runs: readonly Run[]): Promise<void> {
  const [only] = runs;
  if (!only) throw new Cancelled();
  const question =
    runs.length === 1
      ? l10n.t("Move {0} to Runicorn's recycle bin?", runLabel(only))
      : l10n.t("Move {0} runs to Runicorn's recycle bin?", runs.length);
  const running = runs.filter(({ status }) => status === "running").map(runLabel);
  const detail = [
    ...(runs.length === 1 ? [] : [listed(runs.map(runLabel))]),
    ...(running.length > 0 ? [l10n.t("Still running: {0}", listed(running))] : []),
    l10n.t("It is moved on the host, for everybody, and can be restored until the recycle bin is emptied."),
  ];
  await confirm(question, l10n.t("Move to Recycle Bin"), detail.join("\n\n"));
}

async function offerUndo(ui: Ui, runs: readonly Run[]): Promise<void> {
  const [only] = runs;
  const undo = l10n.t("Undo");
  const text =
    only && runs.length === 1
      ? l10n.t("{0} is in Runicorn's recycle bin.", runLabel(only))
      : l10n.t("Runs in Runicorn's recycle bin: {0}", runs.length);
  if ((await vscode.window.showInformationMessage(text, undo)) !== undo) return;
  const { reporting } = await import("../kit/reportFailure.js");
  await reporting(ui, () => restore(ui, runs));
}
