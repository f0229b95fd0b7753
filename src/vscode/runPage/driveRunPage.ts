import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { RunDetails } from "../../runs/runDetails.js";
import type { RunRecords } from "../../runs/runRecords.js";
import type { Sync } from "../../sync/syncState.js";
import { driveCharts, type ChartPort } from "../charts/driveCharts.js";
import { runCommandIds, runPageCommandIds } from "../kit/commandIds.js";
import type { Page } from "../page/pages.js";
import { ageText, runLabel } from "../runKit/runWords.js";
import { runUri } from "../runKit/runUris.js";
import type { FromRunPage } from "./fromRunPage.js";
import { endOfLog } from "./runLog.js";
import { runPageTexts } from "./runPageTexts.js";
import { createRunPictures, type RunPictures } from "./runPictures.js";
import { type RunPlace, runView, valueToCopy } from "./runView.js";
import type { ShownRun, ToRunPage } from "./toRunPage.js";

/** Milliseconds between two updates of a run that no mirror keeps up to date, and to debounce changes. */
const lookInterval = 2_000;
const calm = 250;
/** Wait at least so many times as long as the last read took before the next one. */
const restShare = 5;
/** Maximum bytes of a run's events to fetch for its overview; charts fetch larger ones. */
const largestEvents = 16 * 1024 * 1024;

/** Services that the page of a run needs. */
export type RunPageServices = Pick<App, "syncs"> & {
  readonly records: Pick<RunRecords, "details">;
};

type RunPagePort = Page<FromRunPage, ToRunPage>;
type Tab = Extract<FromRunPage, { kind: "tab" }>["tab"];

/** Answers the page of a run, and sends updates while it is visible. */
export function driveRunPage(page: RunPagePort, services: RunPageServices, shown: ShownRun): Disposable {
  return new RunPageDriver(page, services, shown);
}

class RunPageDriver implements Disposable {
  readonly #page: RunPagePort;
  readonly #services: RunPageServices;
  readonly #shown: ShownRun;
  readonly #stop = new AbortController();
  readonly #parts: Disposable[] = [];
  #details: RunDetails | undefined;
  #place: RunPlace = { sync: undefined, hostTime: Date.now() / 1_000 };
  #tab: Tab = "overview";
  #sentView = "";
  #sentLog = "";
  #sentNotice = "";
  /** Milliseconds that the last read took. */
  #took = 0;
  #isReading = false;
  #isStale = false;
  #isFollowing = false;
  #isAskedAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #pictures: RunPictures | undefined;
  #wantedPicture: AbortController | undefined;
  #hearCharts: ((message: Extract<FromRunPage, { kind: "charts" }>["message"]) => void) | undefined;

  constructor(page: RunPagePort, services: RunPageServices, shown: ShownRun) {
    this.#page = page;
    this.#services = services;
    this.#shown = shown;
    page.onMessage((message) => void this.#hear(message));
    page.onDidChangeVisibility(() => this.#lookSoon());
    const looking = setInterval(() => {
      if (this.#page.isVisible && this.#isLive()) void this.#follow();
    }, lookInterval);
    this.#parts.push(
      { dispose: () => clearInterval(looking) },
      services.syncs.onDidChange((id) => {
        if (id === shown.syncId) this.#lookSoon();
      }),
    );
  }

  dispose(): void {
    this.#stop.abort(new Cancelled());
    this.#wantedPicture?.abort();
    clearTimeout(this.#timer);
    for (const part of this.#parts) part.dispose();
  }

  async #hear(message: FromRunPage): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.#sentView = this.#sentLog = this.#sentNotice = "";
        this.#page.post({ kind: "setup", texts: runPageTexts(), shown: this.#shown });
        return this.#look();
      case "retry":
        this.#sentView = this.#sentLog = "";
        await this.#look();
        return this.#follow();
      case "tab":
        this.#tab = message.tab;
        return this.#follow(true);
      case "charts":
        return this.#chart(message.message);
      case "image":
        return this.#showPicture(message.path);
      case "copy":
        return this.#copy(message);
      case "file":
        return this.#actOnFile(message);
      case "action":
        return this.#act(message.action);
    }
  }

  /** Whether a growing part is visible. */
  #isLive(): boolean {
    return this.#details?.run.status === "running" && (this.#tab === "log" || this.#tab === "images");
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        if (!this.#page.isVisible) return;
        void this.#look();
        void this.#follow();
      },
      Math.max(calm, restShare * this.#took),
    );
  }

  async #look(): Promise<void> {
    if (this.#isReading) {
      this.#isStale = true;
      return;
    }
    this.#isReading = true;
    const { syncs, records } = this.#services;
    try {
      do {
        this.#isStale = false;
        const startedAt = Date.now();
        const [details, sync] = await Promise.all([
          records.details(this.#shown, this.#stop.signal),
          syncs.get(this.#shown.syncId).catch(() => undefined),
        ]);
        this.#took = Date.now() - startedAt;
        this.#place = { sync, hostTime: hostTimeOf(sync) };
        if (details) this.#show(details);
        this.#notice(noticeOf(details !== undefined || this.#details !== undefined, details, sync));
      } while (this.#isStale && !this.#stop.signal.aborted);
    } catch (error) {
      if (!(error instanceof Cancelled)) this.#notice({ text: textOf(error), retry: true });
    } finally {
      this.#isReading = false;
    }
  }

  #show(details: RunDetails): void {
    const isFirst = this.#details === undefined;
    this.#details = details;
    const view = runView(details, this.#place);
    this.#page.setTitle(runLabel(details.run));
    // The page counts seconds by itself, so ignore them.
    const text = JSON.stringify({ ...view, seconds: view.isRunning ? 0 : view.seconds });
    if (text !== this.#sentView) this.#page.post({ kind: "run", view });
    this.#sentView = text;
    if (!isFirst) return;
    void this.#follow(true);
    void this.#bringEvents(details);
  }

  /** Fetches the events, because the overview shows values of metrics. On failure, the charts say why. */
  async #bringEvents({ run, files }: RunDetails): Promise<void> {
    const events = files.find(({ path }) => path === "events.jsonl");
    if (!events || events.isHere || events.bytes > largestEvents) return;
    await this.#services.syncs
      .fetch(run.syncId, `${run.folder}/events.jsonl`, { signal: this.#stop.signal })
      .catch(() => undefined);
    this.#lookSoon();
  }

  #notice(notice: { readonly text: string; readonly retry: boolean }): void {
    if (notice.text === this.#sentNotice) return;
    this.#sentNotice = notice.text;
    this.#page.post({ kind: "notice", ...notice });
  }

  /** Sends what is new in the visible part. */
  async #follow(isAsked = false): Promise<void> {
    const run = this.#details?.run;
    // Another part may have been selected during the read.
    if (this.#isFollowing) this.#isAskedAgain ||= isAsked;
    if (!run || this.#isFollowing) return;
    this.#isFollowing = true;
    try {
      if (this.#tab === "log") {
        const { lines, note } = await endOfLog(this.#services, run, this.#stop.signal);
        const text = JSON.stringify([lines, note]);
        if (text !== this.#sentLog || isAsked) this.#page.post({ kind: "log", lines, note });
        this.#sentLog = text;
      } else if (this.#tab === "images") {
        if (isAsked) this.#pictures = undefined;
        this.#pictures ??= createRunPictures(this.#services, run);
        const found = await this.#pictures.look(this.#stop.signal);
        if (found) this.#page.post({ kind: "images", ...found });
      }
    } catch (error) {
      if (error instanceof Cancelled) return;
      const note = textOf(error);
      if (this.#tab === "log") this.#page.post({ kind: "log", lines: [], note });
      else this.#page.post({ kind: "images", series: [], note });
    } finally {
      this.#isFollowing = false;
    }
    if (!this.#isAskedAgain || this.#stop.signal.aborted) return;
    this.#isAskedAgain = false;
    await this.#follow(true);
  }

  /** Fetches only the picture requested last. */
  async #showPicture(path: string): Promise<void> {
    this.#wantedPicture?.abort();
    const wanted = (this.#wantedPicture = new AbortController());
    const tell = (percent: number): void => {
      if (!wanted.signal.aborted) this.#page.post({ kind: "image-progress", path, percent });
    };
    try {
      const read = await this.#pictures?.read(path, wanted.signal, tell);
      if (read && !wanted.signal.aborted) this.#page.post({ kind: "image", path, ...read });
    } catch (error) {
      if (error instanceof Cancelled || wanted.signal.aborted) return;
      this.#page.post({ kind: "image", path, source: "", problem: textOf(error) });
    }
  }

  #chart(message: Extract<FromRunPage, { kind: "charts" }>["message"]): void {
    const run = this.#details?.run;
    if (!run) return;
    if (!this.#hearCharts) {
      const areSeen = (): boolean => this.#page.isVisible && this.#tab === "charts";
      const port: ChartPort = {
        post: (sent) => this.#page.post({ kind: "charts", message: sent }),
        onMessage: (hear) => (this.#hearCharts = hear),
        get isVisible() {
          return areSeen();
        },
        onDidChangeVisibility: (hear) => this.#page.onDidChangeVisibility(hear),
      };
      this.#parts.push(driveCharts(port, this.#services, { runs: [run], kept: [this.#shown] }));
    }
    this.#hearCharts?.(message);
  }

  async #copy({ section, row }: Extract<FromRunPage, { kind: "copy" }>): Promise<void> {
    if (!this.#details) return;
    await vscode.env.clipboard.writeText(valueToCopy(this.#details, this.#place, section, row));
    this.#page.post({ kind: "said", text: l10n.t("Copied.") });
  }

  async #actOnFile({ path, action }: Extract<FromRunPage, { kind: "file" }>): Promise<void> {
    const run = this.#details?.run;
    // The page may only name files that it was sent.
    if (!run || !this.#details?.files.some((file) => file.path === path)) return;
    const file = { data: { kind: "runFile", syncId: run.syncId, path: `${run.folder}/${path}` } };
    const commands = {
      "open-to-side": runPageCommandIds.openRunFileToSide,
      download: runPageCommandIds.downloadRunFile,
      "copy-path": runPageCommandIds.copyRunPath,
    };
    if (action === "open")
      await vscode.commands.executeCommand("vscode.open", runUri(run.syncId, file.data.path));
    else await vscode.commands.executeCommand(commands[action], file);
  }

  async #act(action: Extract<FromRunPage, { kind: "action" }>["action"]): Promise<void> {
    const run = this.#details?.run;
    if (!run) return;
    const commands = {
      "open-in-viewer": runPageCommandIds.openRunInViewer,
      "copy-id": runPageCommandIds.copyRunId,
      "copy-path": runPageCommandIds.copyRunPath,
      "copy-link": runPageCommandIds.copyRunLink,
      "tail-log": runCommandIds.tailLog,
      "show-charts": runCommandIds.showCharts,
    };
    await vscode.commands.executeCommand(commands[action], { data: { kind: "run", run } });
    if (action.startsWith("copy")) this.#page.post({ kind: "said", text: l10n.t("Copied.") });
  }
}

/** The time by the host's clock, estimated from the last listing: seconds since the epoch. */
function hostTimeOf(sync: (Sync & { readonly hostTime?: number | undefined }) | undefined): number {
  const now = Date.now();
  if (sync?.hostTime === undefined || sync.syncedAt === undefined) return now / 1_000;
  return sync.hostTime + (now - sync.syncedAt) / 1_000;
}

function noticeOf(
  isKnown: boolean,
  details: RunDetails | undefined,
  sync: Sync | undefined,
): { readonly text: string; readonly retry: boolean } {
  if (!details)
    return {
      text: isKnown
        ? l10n.t("This run is no longer on this machine. This is what was known of it.")
        : l10n.t("This run is no longer on this machine."),
      retry: true,
    };
  const isAway = sync?.state.kind === "offline" || sync?.state.kind === "stopped";
  if (!isAway || sync.syncedAt === undefined) return { text: "", retry: false };
  return { text: l10n.t("Not connected. This is what was copied {0}.", ageText(sync.syncedAt)), retry: true };
}

function textOf(error: unknown): string {
  if (!(error instanceof Failure)) return error instanceof Error ? error.message : String(error);
  const { message, advice } = describeFailure(error.detail);
  return sentences(message, advice);
}
