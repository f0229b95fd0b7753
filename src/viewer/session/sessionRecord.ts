import { Emitter } from "../../common/async/event.js";
import { reduceSession, type SessionEvent } from "./reduceSession.js";
import type { ViewerSession } from "./session.js";

/** A session before and after one change. */
export interface SessionChange {
  readonly before: ViewerSession;
  readonly after: ViewerSession;
}

/** What is known of one session. Each change is told. */
export class SessionRecord {
  readonly #changed = new Emitter<SessionChange>();
  readonly onDidChange = this.#changed.event;
  #session: ViewerSession;

  constructor(session: ViewerSession) {
    this.#session = session;
  }

  get session(): ViewerSession {
    return this.#session;
  }

  /** Moves the state. */
  apply(event: SessionEvent): void {
    const state = reduceSession(this.#session.state, event);
    if (state !== this.#session.state) this.#become({ ...this.#session, state });
  }

  /** Updates facts that are not part of the state. */
  correct(facts: Partial<Pick<ViewerSession, "root" | "kept" | "machine">>): void {
    this.#become({ ...this.#session, ...facts });
  }

  #become(after: ViewerSession): void {
    const before = this.#session;
    this.#session = after;
    this.#changed.fire({ before, after });
  }
}
