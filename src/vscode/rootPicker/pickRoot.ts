import { isDeepStrictEqual } from "node:util";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { trimEndOf } from "../../common/text/trimCharacter.js";
import { findStorageRoots, type RootSearch, type StorageRoot } from "../../environments/storageRoots.js";
import { isFilesFailure } from "../../files/failures.js";
import type { Directory } from "../../files/files.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { type FailureWords, words } from "../../messages/failureWords.js";
import { hostName } from "../../messages/hostName.js";
import type { Connection } from "../../ssh/model/connection.js";
import { formatTarget } from "../../ssh/model/target.js";
import { windowPlaces } from "../places/windowPlaces.js";
import { folderRows } from "./folderRows.js";
import { missingRows, missingText } from "./missingRoot.js";
import { above, isPath } from "./paths.js";
import { rootRows } from "./rootRows.js";
import { type RowAction, keyOf, problemRow, type Row } from "./rows.js";

/** Depth of folders to search below the home folder. */
const searchDepth = 3;

export interface RootQuestion {
  /** Listed first, the most recent one on top. */
  readonly recent: readonly string[];
  /** The root in the configuration of Runicorn on the host. */
  readonly configured?: string | undefined;
  /** Results of an earlier search. If missing or incomplete, searches while the quick pick is open. */
  readonly found?: RootSearch | undefined;
  /** Whether a missing folder can be created. */
  readonly mayCreate: boolean;
  /** Whether to show a Back button. */
  readonly canGoBack?: boolean;
  /** Closes the quick pick. */
  readonly signal?: AbortSignal | undefined;
}

export interface ChosenRoot {
  /** Absolute, or starting with `~/`. */
  readonly root: string;
  /** Whether to create it, because it is missing. */
  readonly create: boolean;
}

/**
 * Asks for the storage root on a host: known, found, browsed to or typed. Checks the choice on the host, and shows
 * problems in the quick pick.
 * @returns `back` to go back to the previous question.
 * @throws Cancelled
 */
export function pickRoot(
  app: Pick<App, "files">,
  connection: Connection,
  question: RootQuestion,
): Promise<ChosenRoot | "back"> {
  return new Promise((resolve, reject) => {
    const asking = new RootPick(app, connection, question, (answer) =>
      answer === undefined ? reject(new Cancelled()) : resolve(answer),
    );
    if (question.signal?.aborted) asking.end(undefined);
    else asking.start();
  });
}

type Item = vscode.QuickPickItem & { readonly row: Row };

/** The current list: roots, the content of a folder, or what to do about a missing one. */
type Step =
  | { readonly kind: "roots" }
  | { readonly kind: "folder"; readonly path: string; readonly listed?: Directory }
  | { readonly kind: "missing"; readonly path: string; readonly before: Step; readonly typed: string };

/** Milliseconds in which events of VS Code may still refer to earlier items. */
const lateNews = 500;

class RootPick {
  readonly #pick = vscode.window.createQuickPick<Item>();
  /** Aborted when the quick pick closes. */
  readonly #over = new AbortController();
  /** Aborted when the step changes. */
  #work = new AbortController();
  #step: Step = { kind: "roots" };
  #search: RootSearch | undefined;
  #isSearching = false;
  #isWorking = false;
  #problem: Pick<FailureWords, "message" | "advice"> | undefined;
  #roots: ReadonlyMap<string, StorageRoot> = new Map();
  /** The row to become active, until VS Code confirms it; until then events refer to the rows before. */
  #awaited: Row | undefined;
  /** The rows before, as long as they are still shown. */
  #before: readonly Row[] = [];
  /** What became active among the rows before, when others were on their way already. */
  #movedTo: Row | undefined;
  /** While storage roots are looked for in a folder. */
  #marking: AbortSignal | undefined;
  readonly #folderOfWindow: string | undefined;
  #drawnAt = 0;
  #drawnFor = "";

  constructor(
    private readonly app: Pick<App, "files">,
    private readonly connection: Connection,
    private readonly question: RootQuestion,
    private readonly answer: (answer: ChosenRoot | "back" | undefined) => void,
  ) {
    this.#search = question.found;
    const { host } = windowPlaces();
    const isThere = host && formatTarget(host.target) === formatTarget(connection.target);
    this.#folderOfWindow = isThere ? host.folder : undefined;
  }

  start(): void {
    const pick = this.#pick;
    // The page of the panel takes the focus when it is loaded.
    pick.ignoreFocusOut = true;
    pick.onDidHide(() => this.end(undefined));
    pick.onDidChangeValue((value) => {
      // VS Code also reports values that we set.
      if (value === this.#drawnFor) return;
      this.#problem = undefined;
      this.#draw("first");
    });
    pick.onDidChangeActive(([now]) => {
      const isThere =
        now !== undefined && this.#awaited !== undefined && keyOf(now.row) === keyOf(this.#awaited);
      if (isThere || performance.now() - this.#drawnAt > lateNews) this.#awaited = undefined;
      // VS Code names items by their positions.
      else if (now) this.#movedTo = this.#before[this.#pick.items.indexOf(now)];
    });
    pick.onDidTriggerButton(() => this.#goBack());
    pick.onDidAccept(() => {
      // Enter after typing a path means that path, whatever VS Code has rendered so far; after an arrow key, what that went to.
      const action = this.#activeRow?.does;
      if (action && !(this.#isWorking && action.kind === "choose")) void this.#do(action);
    });
    this.question.signal?.addEventListener("abort", () => pick.hide(), { once: true });
    this.#draw("first");
    pick.show();
    if (this.#search?.kind !== "searched" || !this.#search.complete) void this.#lookForRoots();
  }

  end(answer: ChosenRoot | "back" | undefined): void {
    this.#over.abort();
    this.#work.abort();
    this.answer(answer);
    this.#pick.dispose();
  }

  /** Searches for roots; a failure only means fewer suggestions. */
  async #lookForRoots(): Promise<void> {
    const { configured } = this.question;
    const also = configured?.startsWith("/") ? [configured] : [];
    this.#isSearching = true;
    this.#draw();
    const options = { depth: searchDepth, also, signal: this.#over.signal };
    this.#search = await findStorageRoots(this.connection, options).catch(() => this.#search);
    this.#isSearching = false;
    this.#draw();
  }

  async #do(action: RowAction): Promise<void> {
    switch (action.kind) {
      case "back":
        return this.#goBack();
      case "create":
        return this.end({ root: action.path, create: true });
      case "browse":
        return this.#browse(action.path);
      case "choose":
        return action.isSeen ? this.end({ root: action.path, create: false }) : this.#choose(action.path);
    }
  }

  #goBack(): void {
    const step = this.#step;
    if (step.kind === "missing") this.#show(step.before, step.typed);
    else if (step.kind === "folder") this.#show({ kind: "roots" });
    else this.end("back");
  }

  /** Checks the choice on the host. */
  async #choose(path: string): Promise<void> {
    const before = this.#step;
    await this.#working(async (signal) => {
      const { kind } = await this.#look(path, signal);
      if (kind === "folder") return this.end({ root: path, create: false });
      if (kind !== "missing")
        throw new Failure({ code: "path-not-folder", host: this.connection.target.host, path });
      if (this.question.mayCreate)
        return this.#show({ kind: "missing", path, before, typed: this.#pick.value });
      this.#problem = words(missingText(path), l10n.t("Check the path."));
      this.#draw();
    });
  }

  async #look(path: string, signal: AbortSignal): Promise<{ readonly kind: string }> {
    try {
      return await this.app.files.look(this.connection, path, signal);
    } catch (error) {
      // The viewer checks it again at its start.
      if (isFilesFailure(error, "sftp-unavailable")) return { kind: "folder" };
      throw error;
    }
  }

  /** Lists a folder, and marks storage roots in it once known. */
  async #browse(path: string): Promise<void> {
    const from = this.#step.kind === "folder" ? this.#step.listed?.path : undefined;
    this.#roots = new Map();
    this.#show({ kind: "folder", path: trimEndOf(path, "/") || "/" });
    await this.#working(async (signal) => {
      const listed = await this.app.files.list(this.connection, path, signal);
      this.#step = { kind: "folder", path: listed.path, listed };
      // After going up, the previous folder is active.
      this.#draw(from !== undefined && above(from) === listed.path ? `browse ${from}` : "first");
      void this.#mark(listed.path, signal);
    });
  }

  async #mark(path: string, signal: AbortSignal): Promise<void> {
    this.#marking = signal;
    const search = await findStorageRoots(this.connection, { from: path, depth: 1, signal }).catch(
      () => undefined,
    );
    if (signal.aborted) return;
    this.#marking = undefined;
    if (search?.kind === "searched") this.#roots = new Map(search.roots.map((root) => [root.path, root]));
    this.#draw();
  }

  /** Runs work on the host, and shows errors in the quick pick. Aborted by the next step. */
  async #working(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#work.abort();
    this.#work = new AbortController();
    const { signal } = this.#work;
    this.#isWorking = true;
    this.#problem = undefined;
    this.#draw();
    try {
      await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#problem =
        error instanceof Failure ? describeFailure(error.detail) : words(String(error), l10n.t("Try again."));
    }
    if (signal.aborted) return;
    this.#isWorking = false;
    this.#draw();
  }

  #show(step: Step, typed = ""): void {
    this.#work.abort();
    this.#isWorking = false;
    this.#problem = undefined;
    this.#step = step;
    this.#pick.value = typed;
    this.#draw("first");
  }

  /** What Enter is for. */
  get #activeRow(): Row | undefined {
    return this.#awaited ? (this.#movedTo ?? this.#awaited) : this.#pick.activeItems[0]?.row;
  }

  /** @param active key of the row to activate, `first` for the first match; default: keep the active one. */
  #draw(active?: string): void {
    if (this.#over.signal.aborted) return;
    const pick = this.#pick;
    const before = this.#activeRow;
    const rows = [...(this.#problem ? [problemRow(this.#problem)] : []), ...this.#rows()];
    const items = rows.map(itemOf);
    const wanted = active ?? (before && keyOf(before));
    const kept = items.find(({ row }) => keyOf(row) !== undefined && keyOf(row) === wanted);
    const first =
      items.find(({ row }) => row.does?.kind === this.#firstKind) ?? items.find(({ row }) => row.does);
    pick.title = this.#title();
    pick.placeholder = this.#placeholder();
    const isMarking = this.#marking?.aborted === false;
    pick.busy = this.#isWorking || isMarking || (this.#isSearching && this.#step.kind === "roots");
    pick.buttons =
      this.#step.kind !== "roots" || this.question.canGoBack ? [vscode.QuickInputButtons.Back] : [];
    // New items undo an arrow key that is on its way.
    if (active === undefined && isDeepStrictEqual(items, [...pick.items])) return;
    if (this.#awaited === undefined) this.#before = pick.items.map(({ row }) => row);
    pick.items = items;
    const next = kept ?? first;
    this.#awaited = next?.row;
    this.#movedTo = undefined;
    this.#drawnAt = performance.now();
    this.#drawnFor = pick.value;
    if (next) pick.activeItems = [next];
  }

  /** The action of Enter on the first row. */
  get #firstKind(): RowAction["kind"] {
    if (this.#step.kind === "missing") return "back";
    return this.#step.kind === "folder" && this.#pick.value !== "" && !isPath(this.#pick.value.trim())
      ? "browse"
      : "choose";
  }

  #rows(): readonly Row[] {
    const step = this.#step;
    const typed = this.#pick.value.trim();
    if (step.kind === "missing") return missingRows(step.path);
    // No rows while listing, so that Enter does nothing.
    if (step.kind === "folder" && !step.listed && this.#isWorking) return [];
    if (step.kind === "folder") return folderRows(step.path, step.listed, this.#roots, typed);
    return rootRows({ ...this.question, ofWindow: this.#folderOfWindow, search: this.#search }, typed);
  }

  #title(): string {
    const host = hostName(this.connection.target.host);
    return this.#step.kind === "folder"
      ? l10n.t("Folders on {0}: {1}", host, displayText(this.#step.path))
      : l10n.t("Storage root on {0}", host);
  }

  #placeholder(): string {
    if (this.#step.kind === "missing") return missingText(this.#step.path);
    if (this.#step.kind === "folder")
      return this.#isWorking ? l10n.t("Listing the folder…") : l10n.t("Type a part of a name, or a path");
    return this.#isSearching
      ? l10n.t("Choose the folder that holds the runs, or write its path; more are being looked for…")
      : l10n.t("Choose the folder that holds the runs, or write its path");
  }
}

function itemOf(row: Row): Item {
  const { label, description, detail } = row;
  if (row.isHeading) return { row, label, kind: vscode.QuickPickItemKind.Separator };
  return {
    row,
    label,
    ...(description !== undefined && { description }),
    ...(detail !== undefined && { detail }),
    // We filter ourselves, because VS Code would match a typed path with labels.
    alwaysShow: true,
  };
}
