import type { EndOnHost, ViewerSession } from "../../viewer/session/session.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import type { Page } from "./page.js";
import { type Beside, cutShortPage, endedPage, pageOf, type Reachability } from "./pageOf.js";

/** The panel that shows it. */
export interface PanelSurface {
  /** The session as it is now; undefined when it is no more. */
  session(): ViewerSession | undefined;
  /** Where the session was, and how it ended, once it is no more. */
  end(): {
    readonly place: ViewerPlace | undefined;
    readonly onHost: EndOnHost | undefined;
    /** It was on its way when the window was left. */
    readonly wasOpening?: boolean;
  };
  /** What the session was started with, why that was not asked, and the job that it is in. */
  beside(session: ViewerSession): Beside;
  /** Asks before anything is shown, so that nobody looks at an empty frame. */
  reachabilityOf(session: ViewerSession): Promise<Reachability>;
  /** Takes the session's title. */
  onSession(session: ViewerSession): void;
  /** Hands a page to the document, which has said that it is ready. */
  post(page: Page): void;
  /** Loads a new document, whose policy allows frames of this origin only; it says when it is ready. */
  render(viewerOrigin: string | undefined): void;
}

/** Decides which page a panel shows: that of its session, or one that is held for as long as something goes on. */
export class PanelContent {
  readonly #surface: PanelSurface;
  #shown: Page | undefined;
  #held: Page | undefined;
  /** The origin that the document's policy allows. */
  #origin: string | undefined;
  #viewerUrl: string | undefined;
  #isReady = false;
  /** Counts updates: an answer that comes after a later one began is thrown away. */
  #turn = 0;

  constructor(surface: PanelSurface) {
    this.#surface = surface;
  }

  /** The address of the viewer that is shown, or lies under what is shown. */
  get viewerUrl(): string | undefined {
    return this.#viewerUrl;
  }

  /** Loads the first document. */
  begin(): void {
    this.#render(undefined);
  }

  /** The document is ready for its page. */
  ready(): void {
    this.#isReady = true;
    if (this.#shown) this.#surface.post(this.#shown);
    else void this.update();
  }

  /** Shows this page, whatever becomes of the session, until it is let go. */
  hold(page: Page): void {
    this.#turn += 1;
    this.#held = page;
    this.#show(page);
  }

  /** Shows the session again. */
  letGo(): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    void this.update();
  }

  /** Something may have changed. */
  async update(): Promise<void> {
    if (this.#held !== undefined) return;
    const mine = (this.#turn += 1);
    const session = this.#surface.session();
    if (!session) {
      const { place, onHost, wasOpening } = this.#surface.end();
      this.#show(place && wasOpening ? cutShortPage(place) : endedPage(place, onHost));
      return;
    }
    this.#surface.onSession(session);
    const isRunning = session.state.kind === "running";
    // Other sessions' news must not take away a page that somebody reads; only what stands above it changes.
    if (isRunning && this.#shown?.kind === "viewer") return this.#updateAbove(session, this.#shown);
    // What lies under a notice goes on when the way is open again: it must not be replaced meanwhile.
    if (!(isRunning && this.#shown?.kind === "reconnecting"))
      this.#show(pageOf(session, { kind: "checking" }));
    if (!isRunning) return;
    const reachability = await this.#surface.reachabilityOf(session);
    if (mine === this.#turn) this.#showAt(pageOf(session, reachability, this.#surface.beside(session)));
  }

  #updateAbove(session: ViewerSession, shown: Extract<Page, { kind: "viewer" }>): void {
    const now = pageOf(session, { kind: "answers", url: shown.url }, this.#surface.beside(session));
    const isSame = now.kind === "viewer" && now.header.text === shown.header.text && now.note === shown.note;
    if (!isSame) this.#show(now);
  }

  /** The policy names the frame's origin, so another one needs a document of its own; that asks for its page again. */
  #showAt(page: Page): void {
    if (page.kind === "viewer") this.#viewerUrl = page.url;
    const origin = page.kind === "viewer" ? new URL(page.url).origin : this.#origin;
    if (origin === this.#origin) {
      this.#show(page);
      return;
    }
    this.#shown = page;
    this.#render(origin);
  }

  #show(page: Page): void {
    this.#shown = page;
    if (this.#isReady) this.#surface.post(page);
  }

  #render(origin: string | undefined): void {
    this.#isReady = false;
    this.#origin = origin;
    this.#surface.render(origin);
  }
}
