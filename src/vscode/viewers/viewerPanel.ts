import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import type { EndOnHost, ViewerSession } from "../../viewer/session/session.js";
import { commandIds, connectionCommandIds } from "../kit/commandIds.js";
import { PutOff } from "../jobKit/putOff.js";
import type { OpeningProgress, OpeningStep, ViewerChoice } from "../kit/progress.js";
import { cardOf, reporting } from "../kit/reportFailure.js";
import { setting } from "../kit/settings.js";
import type { Ui } from "../kit/ui.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { loginOf } from "../../ssh/model/jobTarget.js";
import { jobOfSession } from "../jobKit/jobOfSession.js";
import { type PageButton, type PageState, readFromPage, type ToPage } from "./page.js";
import { jobNotOpenedPage, lookingPage, notOpenedPage, startingPage } from "./pageOf.js";
import { PanelContent } from "./panelContent.js";
import { documentFor } from "./panelDocument.js";
import { reachabilityOf } from "./reachability.js";
import { placeTitle, sessionTitle } from "./sessionWords.js";
import { tellReady } from "./tellReady.js";

/** Milliseconds in which a frame must request its page. */
const frameLifetime = 30_000;

type Opening = (progress: OpeningProgress) => Promise<ViewerSession>;

/** How a panel opens its viewer. */
export interface Openings {
  /** Opens the viewer of this place. @param attended whether the user may be asked. */
  again(place: ViewerPlace, progress: OpeningProgress, attended: boolean): Promise<ViewerSession>;
  /** Asks for the environment and the root. */
  asking(place: ViewerPlace, progress: OpeningProgress): Promise<ViewerSession>;
  /** Asks what to replace a viewer with. @returns a function that does it; undefined if nothing changes. */
  changing(session: ViewerSession, place: ViewerPlace): Promise<Opening | undefined>;
}

/** A panel that shows a session, the progress of opening a viewer, or how one ended. */
export class ViewerPanel {
  readonly #ui: Ui;
  readonly #app: App;
  readonly #openings: Openings;
  readonly #content: PanelContent;
  #sessionId = "";
  /** The route in Runicorn's page that its frame opens, relative to the URL; undefined: the start page. */
  #route: string | undefined;
  #place: ViewerPlace | undefined;
  /** The parameters of the current or last viewer. */
  #choice: ViewerChoice | undefined;
  /** Whether the user wants to be asked instead. */
  #isToAsk = false;
  /** How it ended before the window was reloaded. */
  #end: EndOnHost["kind"] | undefined;
  #isBusy = false;
  /** Whether a viewer was being opened before the window was reloaded. */
  #wasOpening = false;
  #isGone = false;
  /** Whether to restart the viewer of a restored panel if it has ended meanwhile. */
  #startsUnasked = false;
  /** Guesses the session of a restored panel whose state was not saved. */
  #guess: () => string | undefined = () => undefined;
  #cancel: (why: Cancelled) => void = () => undefined;
  /** Whether it is waiting for a job. */
  #isInQueue = false;
  #cure: () => unknown = () => undefined;

  constructor(
    ui: Ui,
    app: App,
    openings: Openings,
    readonly panel: vscode.WebviewPanel,
  ) {
    this.#ui = ui;
    this.#app = app;
    this.#openings = openings;
    const { webview } = panel;
    this.#content = new PanelContent({
      session: () => app.viewers.get(this.#sessionId),
      end: () => ({ place: this.#place, onHost: this.#endOnHost(), wasOpening: this.#wasOpening }),
      beside: (session) => ({
        choice: (this.#isChoiceOf(session) ? this.#choice : undefined) ?? session,
        job: jobOfSession(app, session),
      }),
      reachabilityOf: (session) => reachabilityOf(app, session),
      onSession: (session) => this.#isNow(session),
      // The URL works once: a reloaded document gets a new one.
      post: (page) =>
        this.#post({
          kind: "show",
          page,
          state: this.#state(),
          ...(page.kind === "viewer" && this.#entranceTo(page.url)),
        }),
      render: (viewerOrigin) => (webview.html = documentFor(ui, webview, viewerOrigin)),
    });
    panel.iconPath = vscode.Uri.joinPath(ui.extensionUri, "media", "icon.png");
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(ui.extensionUri, "dist")],
    };
    const onPress = this.#buttonActions();
    webview.onDidReceiveMessage((received: unknown) => {
      const message = readFromPage(received);
      if (message?.kind === "ready") this.#content.ready();
      else if (message) onPress[message.button]();
    });
    panel.onDidDispose(() => {
      this.#isGone = true;
      // A job may be queued for days: keep it, and notify when the viewer is ready.
      if (!this.#isInQueue) this.#cancel(new Cancelled());
    });
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  get place(): ViewerPlace | undefined {
    return this.#place;
  }

  /** Whether a viewer is being opened in it. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Whether it has no viewer and is opening none: another viewer of the same place may reuse it. */
  get isFree(): boolean {
    return !this.#isBusy && this.#app.viewers.get(this.#sessionId) === undefined;
  }

  /** Shows this session from now on. */
  show(session: ViewerSession): void {
    this.#sessionId = session.id;
    this.#end = undefined;
    this.#wasOpening = false;
    this.#isNow(session);
    if (this.#isGone) return;
    this.#content.letGo();
    this.update();
  }

  /** Navigates the frame to a route of Runicorn's page, now or once there is a viewer. @param route undefined: stay. */
  goTo(route: string | undefined): void {
    if (route === undefined) return;
    this.#route = route;
    if (this.#content.viewerUrl !== undefined) this.reload();
  }

  /** Loads the first document. */
  begin(place?: ViewerPlace): void {
    if (place) this.#setPlace(place);
    this.#content.begin();
  }

  /**
   * Restores a panel after a reload: looks for its viewer first.
   * @param state undefined, or an older state, if the window was closed seconds after the panel was opened, before VS
   * Code had saved the last one.
   * @param guess guesses the session from the restored tab.
   */
  async restore(state: PageState | undefined, guess: () => string | undefined): Promise<void> {
    this.#sessionId = state?.sessionId ?? "";
    this.#end = state?.end;
    this.#wasOpening = state?.isOpening === true;
    this.#startsUnasked = setting("viewer.startAgain");
    if (state?.place) this.#setPlace(state.place);
    this.#content.hold(lookingPage(state?.place));
    this.#content.begin();
    const isKnown = this.#sessionId !== "";
    if (!isKnown) this.#guess = guess;
    await this.#app.viewers.restore(isKnown ? [this.#sessionId] : undefined);
    this.#content.letGo();
    this.update();
    // Its job is still queued.
    if (this.#wasOpening && this.#place?.where?.kind === "job") this.#openUnattended(this.#place);
  }

  /** Continues without interaction. */
  #openUnattended(place: ViewerPlace): void {
    void this.open(place, (progress) => this.#openings.again(place, progress, false));
  }

  reload(): void {
    this.#post({ kind: "reload", ...this.#entranceTo(this.#content.viewerUrl) });
  }

  /** Called when the session may have changed. */
  update(): void {
    if (this.#sessionId === "") this.#sessionId = this.#guess() ?? "";
    void this.#content.update();
    if (!this.#startsUnasked || this.#isBusy || !this.#place) return;
    const session = this.#app.viewers.get(this.#sessionId);
    if (session?.state.kind === "running" || session?.state.kind === "stopping") this.#startsUnasked = false;
    if (!hasEndedMeanwhile(session) || this.#endOnHost() !== undefined) return;
    this.#startsUnasked = false;
    this.#openUnattended(this.#place);
  }

  /** Opens a viewer in this panel, and shows progress and errors in it. Settles when done. */
  async open(place: ViewerPlace, work: Opening): Promise<ViewerSession | undefined> {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    this.#wasOpening = false;
    this.#choice = undefined;
    this.#setPlace(place);
    this.#content.hold(startingPage(place, { now: "connect", detail: "" }));
    try {
      const session = await work(this.#progressFor(place));
      this.#isBusy = false;
      this.show(session);
      if (this.#isGone) void tellReady(session);
      return session;
    } catch (error) {
      this.#isBusy = false;
      if (this.#isToAsk && !this.#isGone) return await this.#ask();
      this.#failed(error);
      return undefined;
    } finally {
      this.#isToAsk = false;
      this.#isInQueue = false;
      this.#cancel = () => undefined;
    }
  }

  /** Asks for the environment and the root, instead of starting the current choice. */
  #ask(): Promise<ViewerSession | undefined> {
    this.#isToAsk = false;
    const place = this.#place;
    return place
      ? this.open(place, (progress) => this.#openings.asking(place, progress))
      : Promise.resolve(undefined);
  }

  /** Asks while the viewer is still shown, then replaces it. */
  async #change(): Promise<void> {
    if (this.#isBusy) {
      this.#isToAsk = true;
      this.#cancel(new PutOff());
      return;
    }
    const session = this.#app.viewers.get(this.#sessionId);
    const place = this.#place;
    const opening = session && place && (await this.#openings.changing(session, place));
    if (opening) await this.open(place, opening);
  }

  #isChoiceOf({ environment, root }: ViewerSession): boolean {
    return this.#choice?.environment.python === environment.python && this.#choice.root === root;
  }

  #failed(error: unknown): void {
    const card = cardOf(this.#ui, error);
    if (this.#isGone) {
      // The panel is gone, but the user expects the job.
      if (card && this.#isInQueue)
        void vscode.window.showWarningMessage(sentences(card.words.message, card.words.advice));
      return;
    }
    this.#cure = card?.cure?.run ?? (() => undefined);
    const { title } = this.panel;
    if (card)
      this.#content.hold(
        jobNotOpenedPage(title, error, card.words) ?? notOpenedPage(title, card.words, card.cure?.label),
      );
    // After cancellation, an existing panel is as before, and a new one closes.
    else if (this.#sessionId === "") this.panel.dispose();
    else this.#content.letGo();
  }

  /** Shows the progress of each task in the panel, with a Cancel button. */
  #progressFor(place: ViewerPlace): OpeningProgress {
    return async ({ step, title, choice, where }, work) => {
      const stop = new AbortController();
      if (this.#isGone && !this.#isInQueue) throw new Cancelled();
      this.#isInQueue ||= step === "job";
      this.#cancel = (why) => stop.abort(why);
      if (choice) this.#rememberChoice(place, choice, where);
      let at: OpeningStep = step;
      const show = (detail: string): void => {
        if (this.#isGone) return;
        this.#content.hold(startingPage(this.#place ?? place, { now: at, detail, choice: this.#choice }));
      };
      show(title);
      return work(stop.signal, (message, next) => {
        at = next ?? at;
        show(message);
      });
    };
  }

  /** Remembers the choice for a retry, and for a reload of the window. */
  #rememberChoice({ target }: ViewerPlace, choice: ViewerChoice, where = this.#place?.where): void {
    this.#choice = choice;
    const { environment, root } = choice;
    this.#setPlace({ target, python: environment.python, root, ...(where && { where }) });
  }

  #isNow(session: ViewerSession): void {
    const { connectionId, environment, root } = session;
    this.#setTitle(sessionTitle(session));
    const target = this.#app.connections.get(connectionId)?.target ?? this.#place?.target;
    const where = this.#place?.where;
    if (target)
      this.#place = { target: loginOf(target), python: environment.python, root, ...(where && { where }) };
  }

  #setPlace(place: ViewerPlace): void {
    this.#place = place;
    this.#setTitle(placeTitle(place));
  }

  /** Sets the title, unless the panel is disposed, which would throw. */
  #setTitle(title: string): void {
    if (!this.#isGone) this.panel.title = title;
  }

  /** How the user ended it; after a reload, as far as it was saved. */
  #endOnHost(): EndOnHost | undefined {
    const state = this.#app.viewers.endOf(this.#sessionId)?.state;
    if (state?.kind === "stopped") return state.onHost;
    const kind = this.#end;
    return kind === "unconfirmed" ? { kind, cause: { code: "not-connected-yet" } } : kind && { kind };
  }

  #state(): PageState {
    const end = this.#endOnHost();
    return {
      sessionId: this.#sessionId,
      ...(this.#place && { place: this.#place }),
      ...(end && { end: end.kind }),
      ...((this.#isBusy || this.#wasOpening) && { isOpening: true as const }),
    };
  }

  #post(message: ToPage): void {
    if (!this.#isGone) void this.panel.webview.postMessage(message);
  }

  #entranceTo(url: string | undefined): { entrance?: string } {
    const base = this.#route === undefined || url === undefined ? url : new URL(this.#route, url).href;
    const entrance = this.#app.viewers.entrance(this.#sessionId, { base, lifetime: frameLifetime });
    return entrance === undefined ? {} : { entrance };
  }

  #buttonActions(): Record<PageButton, () => void> {
    const run =
      (command: string) =>
      (...args: readonly unknown[]): void => {
        void vscode.commands.executeCommand(command, ...args);
      };
    const openWith = (
      work: (place: ViewerPlace, progress: OpeningProgress) => Promise<ViewerSession>,
    ): void => {
      const place = this.#place;
      if (place) void this.open(place, (progress) => work(place, progress));
      else run(commandIds.connect)();
    };
    return {
      retry: () => this.update(),
      reconnect: () => this.#app.viewers.reconnect(this.#sessionId),
      restart: () => run(commandIds.restartViewer)(this.#sessionId),
      "stop-again": () => run(commandIds.stopViewer)(this.#sessionId),
      "run-again": () => openWith((place, progress) => this.#openings.again(place, progress, true)),
      "start-again": () => openWith((place, progress) => this.#openings.again(place, progress, true)),
      "open-with": () => openWith((place, progress) => this.#openings.asking(place, progress)),
      change: () => void reporting(this.#ui, () => this.#change()),
      "open-in-browser": () => run(commandIds.openInBrowser)(this.#sessionId),
      "compare-keys": () => run(commandIds.replaceHostKey)(),
      cure: () => {
        this.#cure();
      },
      diagnose: () => run(connectionCommandIds.diagnose)(this.#place?.target),
      "edit-connection": () => run(connectionCommandIds.edit)(this.#place?.target),
      // Buttons of other pages.
      copy: () => undefined,
      "edit-config": () => run(connectionCommandIds.editSshConfig)(),
      "show-log": () =>
        this.#app.viewers.get(this.#sessionId)
          ? run(commandIds.showViewerLog)(this.#sessionId)
          : this.#ui.log.show(),
      connect: () => run(commandIds.connect)(),
      cancel: () => this.#cancel(new Cancelled()),
      close: () => {
        this.panel.dispose();
      },
    };
  }
}

/** Whether it ended by itself: it no longer exists, or its lease expired. */
function hasEndedMeanwhile(session: ViewerSession | undefined): boolean {
  if (!session) return true;
  return session.state.kind === "failed" && session.state.failure.code === "viewer-lease-ended";
}
