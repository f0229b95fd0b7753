import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { hostName } from "../../messages/hostName.js";
import { Cancelled } from "../../common/failure.js";
import { isEnvironmentFailure } from "../../environments/failures.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import { arePatternsTaken, patternsIn } from "../../sync/pass/patterns.js";
import type { Amount, CopySizes } from "../../sync/pass/survey.js";
import type { CopyMode, SyncMode } from "../../sync/runIndex/layout.js";
import type { Survey } from "../../sync/survey.js";
import type { Sync } from "../../sync/syncState.js";
import { connect } from "../flows/connect.js";
import { withProgress } from "../kit/progress.js";
import { pickRoot } from "../rootPicker/pickRoot.js";
import { knownRootsOf } from "../rootPicker/recentRoots.js";
import type { Ui } from "../kit/ui.js";
import { sizeText } from "../../common/text/sizeText.js";
import { syncTitle } from "../runKit/runWords.js";
import { showInPlace, showRunsHere } from "./runsHere.js";

/** Starts a sync on a connection: asks for folder and mode. Runs of this machine are shown in place. */
export async function syncRuns(ui: Ui, connection: Connection): Promise<void> {
  const app = await ui.app();
  if (isThisMachine(connection.target)) return showRunsHere(ui, connection);
  const recent = await knownRootsOf(app, connection);
  const configured = recent.length > 0 ? undefined : await configuredRoot(app, connection);
  const asked = await pickRoot(app, connection, { recent, configured, mayCreate: false });
  if (asked === "back") throw new Cancelled();
  const mode = await pickMode(undefined);
  await begin(app, connection, asked.root, mode);
}

/** Resumes a sync, and connects to its host if necessary. */
export async function resumeSync(ui: Ui, sync: Sync): Promise<void> {
  const app = await ui.app();
  const isHere = isThisMachine(sync.target);
  const mode = sync.mode === "in-place" ? sync.mode : await pickMode(sync.mode, isHere);
  const connection = app.connections.get(sync.connectionId) ?? (await connect(ui, sync.target));
  if (mode !== "in-place") return begin(app, connection, sync.root, mode);
  await showInPlace(ui, connection, sync.root);
}

async function configuredRoot(app: App, connection: Connection): Promise<string | undefined> {
  const title = l10n.t("Asking {0} for its storage root", hostName(connection.target.host));
  const found = await withProgress(title, (signal) =>
    app.environments.list(connection, { signal }).catch((error: unknown) => {
      // Syncing runs needs no Python.
      if (isEnvironmentFailure(error, "lines-failed", "environment-probe-failed")) return undefined;
      throw error;
    }),
  );
  return found?.storageRoot;
}

interface ModeChoice extends vscode.QuickPickItem {
  readonly mode: SyncMode;
}

function pickMode(last: SyncMode | undefined): Promise<CopyMode>;
function pickMode(last: SyncMode | undefined, isHere: boolean): Promise<SyncMode>;
/** @param isHere whether the root is on this machine. @throws Cancelled */
async function pickMode(last: SyncMode | undefined, isHere = false): Promise<SyncMode> {
  const choices: ModeChoice[] = [
    {
      mode: "smart",
      label: l10n.t("Smart"),
      description: l10n.t("Metadata now, files on demand"),
    },
    {
      mode: "mirror",
      label: l10n.t("Mirror"),
      description: l10n.t("Full copy, kept up to date (about 2 s)"),
    },
  ];
  if (last === "mirror") choices.reverse();
  const inPlace: ModeChoice = {
    mode: "in-place",
    label: l10n.t("Without a Copy"),
    description: l10n.t("The runs are on this machine, and are read where they lie"),
  };
  const offered = isHere ? [inPlace, ...choices] : choices;
  const picked = await vscode.window.showQuickPick(offered, { title: l10n.t("Sync mode") });
  if (!picked) throw new Cancelled();
  return picked.mode;
}

/** Starts a sync; a mirror first shows what it would copy. */
async function begin({ syncs }: App, connection: Connection, root: string, mode: CopyMode): Promise<void> {
  const title = l10n.t("Listing the runs of {0}", hostName(connection.target.host));
  const start = (choices?: MirrorChoices): Promise<Sync> =>
    withProgress(title, (signal) =>
      syncs.start(connection, { root, mode, wanted: true, ...choices }, signal),
    );
  if (mode === "smart") {
    await start();
    return;
  }
  const survey = await withProgress(title, (signal) => syncs.survey(connection, root, signal));
  try {
    await start(await pickMirrorChoices(survey));
  } finally {
    await survey.dispose();
  }
}

type MirrorChoices = Pick<Sync, "keepGone" | "exclude">;

interface MirrorItem extends vscode.QuickPickItem {
  readonly does: "start" | "keep" | "exclude";
}

/** @throws Cancelled, and then nothing is copied. */
async function pickMirrorChoices(survey: Survey): Promise<MirrorChoices> {
  let { keepGone, exclude }: MirrorChoices = survey.sync;
  for (;;) {
    const sizes = await survey.sizes({ mode: "mirror", keepGone, exclude });
    const picked = await vscode.window.showQuickPick(mirrorItems(sizes, { keepGone, exclude }), {
      title: l10n.t("Mirror {0}", syncTitle(survey.sync)),
      placeHolder: l10n.t("Nothing is copied before you start it"),
      ignoreFocusOut: true,
    });
    if (!picked) throw new Cancelled();
    if (picked.does === "start") return { keepGone, exclude };
    if (picked.does === "keep") keepGone = !keepGone;
    else exclude = (await askForPatterns(exclude)) ?? exclude;
  }
}

function mirrorItems({ wanted, missing, excluded }: CopySizes, choices: MirrorChoices): MirrorItem[] {
  const { keepGone, exclude } = choices;
  const left = excluded.files > 0 ? l10n.t("excluded: {0}", amountText(excluded)) : "";
  return [
    {
      does: "start",
      label: `$(sync) ${l10n.t("Start Mirror")}`,
      description: l10n.t("to copy: {0}", amountText(missing)),
      detail: [l10n.t("on the host: {0}", amountText(wanted)), left].filter(Boolean).join(" · "),
    },
    {
      does: "keep",
      label: `$(${keepGone ? "check" : "blank"}) ${l10n.t("Keep What the Host Deletes")}`,
      description: keepGone ? l10n.t("on") : l10n.t("off"),
      detail: keepGone
        ? l10n.t("What is deleted on the host stays here, and what it shortens or replaces is set aside.")
        : l10n.t("What is deleted on the host is removed here too."),
    },
    {
      does: "exclude",
      label: `$(exclude) ${l10n.t("Exclude…")}`,
      description: exclude.length > 0 ? displayText(exclude.join(", ")) : l10n.t("nothing"),
      detail: l10n.t("What is excluded is neither copied nor removed."),
    },
  ];
}

function amountText({ files, bytes }: Amount): string {
  const size = sizeText(bytes);
  return files === 1 ? l10n.t("1 file, {0}", size) : l10n.t("{0} files, {1}", files.toLocaleString(), size);
}

/** Undefined: unchanged. */
async function askForPatterns(before: readonly string[]): Promise<readonly string[] | undefined> {
  const text = await vscode.window.showInputBox({
    title: l10n.t("Exclude from the Mirror"),
    prompt: l10n.t("Patterns as in a .gitignore, with commas between them. Empty excludes nothing."),
    placeHolder: "*.pt, checkpoints/",
    value: before.join(", "),
    ignoreFocusOut: true,
    validateInput: (typed) =>
      arePatternsTaken(patternsIn(typed))
        ? undefined
        : l10n.t("At most 100 patterns of 200 characters, each with at most two * between slashes."),
  });
  return text === undefined ? undefined : patternsIn(text);
}
