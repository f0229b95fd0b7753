import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { arePatternsTaken, patternsIn } from "../../sync/pass/patterns.js";
import type { Amount, CopySizes } from "../../sync/pass/survey.js";
import type { SyncMode } from "../../sync/runIndex/layout.js";
import type { Survey } from "../../sync/survey.js";
import type { Sync } from "../../sync/syncState.js";
import { askForRoot } from "../flows/askForRoot.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { connect } from "../flows/connect.js";
import { withProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import { sizeText } from "./runItems.js";
import { syncTitle } from "./runWords.js";

/** From a connection to a synchronised root: which folder, which mode. */
export async function syncRuns(ui: Ui, connection: Connection): Promise<void> {
  const app = await ui.app();
  const { host } = connection.target;
  const root = await askForRoot(await suggestedRoot(app, connection), host);
  const mode = await pickMode(undefined);
  await begin(app, connection, root, mode);
}

/** Goes on with a root that was synchronised before; connects to its host when that is needed. */
export async function resumeSync(ui: Ui, sync: Sync): Promise<void> {
  const app = await ui.app();
  const mode = await pickMode(sync.mode);
  const saved = await app.savedConnections.get(savedIdOf(sync.target));
  const connection = app.connections.get(sync.connectionId) ?? (await connect(ui, sync.target, saved));
  await begin(app, connection, sync.root, mode);
}

async function suggestedRoot(app: App, connection: Connection): Promise<string | undefined> {
  const saved = await app.savedConnections.get(savedIdOf(connection.target));
  if (saved?.root !== undefined) return saved.root;
  const title = l10n.t("Asking {0} for its storage root", displayText(connection.target.host));
  const { storageRoot } = await withProgress(title, (signal) =>
    app.environments.list(connection, { signal }),
  );
  return storageRoot;
}

interface ModeChoice extends vscode.QuickPickItem {
  readonly mode: SyncMode;
}

async function pickMode(last: SyncMode | undefined): Promise<SyncMode> {
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
  const picked = await vscode.window.showQuickPick(choices, { title: l10n.t("Sync mode") });
  if (!picked) throw new Cancelled();
  return picked.mode;
}

/** A mirror shows what it would copy, before it does. */
async function begin({ syncs }: App, connection: Connection, root: string, mode: SyncMode): Promise<void> {
  const title = l10n.t("Listing the runs of {0}", displayText(connection.target.host));
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
  readonly does: "start" | "exclude";
}

/** @throws Cancelled: then nothing is copied. */
async function pickMirrorChoices(survey: Survey): Promise<MirrorChoices> {
  const { keepGone } = survey.sync;
  let { exclude }: MirrorChoices = survey.sync;
  for (;;) {
    const sizes = await survey.sizes({ mode: "mirror", keepGone, exclude });
    const picked = await vscode.window.showQuickPick(mirrorItems(sizes, exclude), {
      title: l10n.t("Mirror {0}", syncTitle(survey.sync)),
      placeHolder: l10n.t("Nothing is copied before you start it"),
      ignoreFocusOut: true,
    });
    if (!picked) throw new Cancelled();
    if (picked.does === "start") return { keepGone, exclude };
    exclude = (await askForPatterns(exclude)) ?? exclude;
  }
}

function mirrorItems({ wanted, missing, excluded }: CopySizes, exclude: readonly string[]): MirrorItem[] {
  const left = excluded.files > 0 ? l10n.t("excluded: {0}", amountText(excluded)) : "";
  return [
    {
      does: "start",
      label: `$(sync) ${l10n.t("Start Mirror")}`,
      description: l10n.t("to copy: {0}", amountText(missing)),
      detail: [l10n.t("on the host: {0}", amountText(wanted)), left].filter(Boolean).join(" · "),
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

/** Undefined: as they were. */
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
