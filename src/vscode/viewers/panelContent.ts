import type { EndOnHost, ViewerSession } from "../../viewer/session/session.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import type { Page } from "./page.js";
import { type Beside, cutShortPage, endedPage, pageOf, type Reachability } from "./pageOf.js";

/** The panel that shows the content. */
export interface PanelSurface {
  /** The current session; undefined if it no longer exists. */
  session(): ViewerSession | undefined;
  /** The place of a session that no longer exists, and how it ended. */
  end(): {
    readonly place: ViewerPlace | undefined;
    readonly onHost: EndOnHost | undefined;
    /** Whether it was being opened when the window was closed. */
    readonly wasOpening?: boolean;
  };
  /** Facts about the session from elsewhere. */
  beside(session: ViewerSession): Beside;
  /** Checks before showing anything, so that there is no empty frame. */
  reachabilityOf(session: ViewerSession): Promise<Reachability>;
  /** Updates the title. */
  onSession(session: ViewerSession): void;
  /** Sends a page to the document, which is ready. */
  post(page: Page): void;
  /** Loads a new document, whose content security policy allows frames of this origin only; it reports when ready. */
  render(viewerOrigin: string | undefined): void;
}

/** Decides which page a panel shows: that of its session, or one that is held during some work. */
export class PanelContent {
  readonly #surface: PanelSurface;
  #shown: Page | undefined;
  #held: Page | undefined;
  /** The origin that the document's content security policy allows. */
  #origin: string | undefined;
  #viewerUrl: string | undefined;
  #isReady = false;
  /** Counts updates, to discard answers of outdated ones. */
  #turn = 0;

  constructor(surface: PanelSurface) {
    this.#surface = surface;
  }

  /** The URL of the viewer that is shown, or covered by a notice. */
  get viewerUrl(): string | undefined {
    return this.#viewerUrl;
  }

  /** Loads the first document. */
  begin(): void {
    this.#render(undefined);
  }

  /** Called when the document is ready for its page. */
  ready(): void {
    this.#isReady = true;
    if (this.#shown) this.#surface.post(this.#shown);
    else void this.update();
  }

  /** Shows this page, whatever happens to the session, until {@link letGo}. */
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

  /** Called when something may have changed. */
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
    // Changes elsewhere must not reload a visible viewer: update only what is above it.
    if (isRunning && this.#shown?.kind === "viewer") return this.#updateAbove(session, this.#shown);
    // A viewer under a notice continues after reconnecting: do not replace it meanwhile.
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

  /**
   * The content security policy contains the frame's origin, so another origin needs a new document, which then
   * requests its page.
   */
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
