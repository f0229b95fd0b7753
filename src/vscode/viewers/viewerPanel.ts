import * as vscode from "vscode";
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
import { lookingPage, notOpenedPage, startingPage } from "./pageOf.js";
import { PanelContent } from "./panelContent.js";
import { documentFor } from "./panelDocument.js";
import { reachabilityOf } from "./reachability.js";
import { placeTitle, sessionTitle } from "./sessionWords.js";
import { tellReady } from "./tellReady.js";

/** Milliseconds in which a frame has asked for its page. */
const frameLifetime = 30_000;

type Opening = (progress: OpeningProgress) => Promise<ViewerSession>;

/** The ways in which a panel opens a viewer in itself. */
export interface Openings {
  /** The viewer of this place. @param attended whether a person may be asked. */
  again(place: ViewerPlace, progress: OpeningProgress, attended: boolean): Promise<ViewerSession>;
  /** Asks for the environment and the root. */
  asking(place: ViewerPlace, progress: OpeningProgress): Promise<ViewerSession>;
  /** Asks what a viewer is to be replaced with. @returns what does that; undefined where nothing is to change. */
  changing(session: ViewerSession, place: ViewerPlace): Promise<Opening | undefined>;
}

/** One panel: it shows a session, how a viewer is opened, or what became of one. */
export class ViewerPanel {
  readonly #ui: Ui;
  readonly #app: App;
  readonly #openings: Openings;
  readonly #content: PanelContent;
  #sessionId = "";
  /** Where in Runicorn's page its frame begins, relative to the address; undefined: at the beginning. */
  #route: string | undefined;
  #place: ViewerPlace | undefined;
  /** What is started, or was started last. */
  #choice: ViewerChoice | undefined;
  /** The person wants to be asked, instead of what is being started. */
  #isToAsk = false;
  /** How it ended in an earlier life of the window. */
  #end: EndOnHost["kind"] | undefined;
  #isBusy = false;
  /** A viewer was being opened in it in an earlier life of the window. */
  #wasOpening = false;
  #isGone = false;
  /** Whether the viewer that a restored panel showed is started again where it ended meanwhile. */
  #startsUnasked = false;
  /** Which session a restored panel showed whose state was not kept. */
  #guess: () => string | undefined = () => undefined;
  #cancel: (why: Cancelled) => void = () => undefined;
  /** A job is waited for. */
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
      // The address opens once: a document that VS Code loads anew gets another one.
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
      // A job may wait for days: it keeps its place, and the viewer is told of when it is there.
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

  /** No viewer is behind it, and none is on its way: another viewer of the same place may take it. */
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

  /** Leads the frame to a place in Runicorn's page, now or when there is one. @param route undefined: it stays where it is. */
  goTo(route: string | undefined): void {
    if (route === undefined) return;
    this.#route = route;
    if (this.#content.viewerUrl !== undefined) this.reload();
  }

  /** Loads the first document. */
  begin(place?: ViewerPlace): void {
    if (place) this.#isAt(place);
    this.#content.begin();
  }

  /**
   * Shows what a panel showed when its window was left; what it showed is looked for first.
   * @param state undefined, or of a viewer that was being opened, where VS Code had not kept the last one yet: the window
   * was left seconds after the panel was opened.
   * @param guess the session that it showed then, by what VS Code kept of the tab.
   */
  async restore(state: PageState | undefined, guess: () => string | undefined): Promise<void> {
    this.#sessionId = state?.sessionId ?? "";
    this.#end = state?.end;
    this.#wasOpening = state?.isOpening === true;
    this.#startsUnasked = setting("viewer.startAgain");
    if (state?.place) this.#isAt(state.place);
    this.#content.hold(lookingPage(state?.place));
    this.#content.begin();
    const isKnown = this.#sessionId !== "";
    if (!isKnown) this.#guess = guess;
    await this.#app.viewers.restore(isKnown ? [this.#sessionId] : undefined);
    this.#content.letGo();
    this.update();
    // Its job kept its place in the queue.
    if (this.#wasOpening && this.#place?.where?.kind === "job") this.#goOn(this.#place);
  }

  /** Without asking anybody anything. */
  #goOn(place: ViewerPlace): void {
    void this.open(place, (progress) => this.#openings.again(place, progress, false));
  }

  reload(): void {
    this.#post({ kind: "reload", ...this.#entranceTo(this.#content.viewerUrl) });
  }

  /** The session may have changed. */
  update(): void {
    if (this.#sessionId === "") this.#sessionId = this.#guess() ?? "";
    void this.#content.update();
    if (!this.#startsUnasked || this.#isBusy || !this.#place) return;
    const session = this.#app.viewers.get(this.#sessionId);
    if (session?.state.kind === "running" || session?.state.kind === "stopping") this.#startsUnasked = false;
    if (!hasEndedMeanwhile(session) || this.#endOnHost() !== undefined) return;
    this.#startsUnasked = false;
    this.#goOn(this.#place);
  }

  /** Opens a viewer in this panel, which shows how far that is, and what went wrong. Settles when it is over. */
  async open(place: ViewerPlace, work: Opening): Promise<ViewerSession | undefined> {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    this.#wasOpening = false;
    this.#choice = undefined;
    this.#isAt(place);
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

  /** Asks for the environment and the root, in place of what was being started. */
  #ask(): Promise<ViewerSession | undefined> {
    this.#isToAsk = false;
    const place = this.#place;
    return place
      ? this.open(place, (progress) => this.#openings.asking(place, progress))
      : Promise.resolve(undefined);
  }

  /** Asks while the viewer is still shown; what is chosen takes its place. */
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
      // Nobody looks here any more, and somebody counts on the job.
      if (card && this.#isInQueue)
        void vscode.window.showWarningMessage(`${card.words.message} ${card.words.advice}`);
      return;
    }
    this.#cure = card?.cure?.run ?? (() => undefined);
    if (card) this.#content.hold(notOpenedPage(this.panel.title, card.words, card.cure?.label));
    // What was cancelled leaves a panel as it was, and none where there was none.
    else if (this.#sessionId === "") this.panel.dispose();
    else this.#content.letGo();
  }

  /** Each task of an opening, in the panel: its step, its words, and Cancel. */
  #progressFor(place: ViewerPlace): OpeningProgress {
    return async ({ step, title, choice, where }, work) => {
      const stop = new AbortController();
      if (this.#isGone && !this.#isInQueue) throw new Cancelled();
      this.#isInQueue ||= step === "job";
      this.#cancel = (why) => stop.abort(why);
      if (choice) this.#isChosen(place, choice, where);
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

  /** A window that is loaded anew, or another try, goes on with it. */
  #isChosen({ target }: ViewerPlace, choice: ViewerChoice, where = this.#place?.where): void {
    this.#choice = choice;
    const { environment, root } = choice;
    this.#isAt({ target, python: environment.python, root, ...(where && { where }) });
  }

  #isNow(session: ViewerSession): void {
    const { connectionId, environment, root } = session;
    this.#isTitled(sessionTitle(session));
    const target = this.#app.connections.get(connectionId)?.target ?? this.#place?.target;
    const where = this.#place?.where;
    if (target)
      this.#place = { target: loginOf(target), python: environment.python, root, ...(where && { where }) };
  }

  #isAt(place: ViewerPlace): void {
    this.#place = place;
    this.#isTitled(placeTitle(place));
  }

  /** A panel that is gone takes none, and throws. */
  #isTitled(title: string): void {
    if (!this.#isGone) this.panel.title = title;
  }

  /** How it ended, where a person wanted that; after a reload as far as it was noted. */
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
      // Of other pages.
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

/** Whether nobody ended it: it is not there any more, or its host ended it because nobody was heard of. */
function hasEndedMeanwhile(session: ViewerSession | undefined): boolean {
  if (!session) return true;
  return session.state.kind === "failed" && session.state.failure.code === "viewer-lease-ended";
}
