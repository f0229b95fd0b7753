import { Failure, throwIfCancelled } from "../../common/failure.js";
import type { ViewerFailure } from "../failures.js";
import { remoteOf } from "./facts.js";
import { isAnotherMachine, nameOfMachine } from "./machine.js";
import type { SessionEvent } from "./reduceSession.js";
import {
  type EndOutcome,
  portOf,
  type RemoteStatus,
  type RemoteViewer,
  type StartRequest,
  type ViewerSession,
} from "./session.js";
import type { ListensOn, SessionHost } from "./sessionHost.js";

/** The viewer of one session on its host: launched, heard of, ended. */
export class SessionViewer {
  readonly #host: SessionHost;
  /** Whether there may be something of the session on the host. */
  #mayBeThere: boolean;
  /** By the clock of `performance.now()`. */
  #since = 0;
  /** Milliseconds since the epoch; 0 where nothing was heard since this program knows the session. */
  #heardAt = 0;

  constructor(host: SessionHost, mayBeThere: boolean) {
    this.#host = host;
    this.#mayBeThere = mayBeThere;
  }

  /** @throws Failure or Cancelled; where it is not known whether a viewer was started, `end` finds out. */
  async launch(
    session: ViewerSession,
    request: StartRequest,
    listensOn: ListensOn,
    signal: AbortSignal,
  ): Promise<{ readonly remote: RemoteViewer; readonly root: string }> {
    throwIfCancelled(signal);
    this.#mayBeThere = true;
    const outcome = await this.#host.launch(session, request, listensOn, signal);
    this.isAnother();
    if (outcome.kind === "started") return outcome;
    this.#mayBeThere = false;
    throw new Failure(outcome.failure);
  }

  /** Another viewer now: answers to earlier questions are about the previous one. */
  isAnother(): void {
    this.#since = performance.now();
  }

  /** Whether an answer to what was asked at that time is about this viewer. By the clock of `performance.now()`. */
  isAbout(askedAt: number): boolean {
    return askedAt >= this.#since;
  }

  /** The host said that it runs. */
  isHeard(): void {
    this.#heardAt = Date.now();
  }

  /**
   * Idempotent.
   * @param next whether another one is started at once: its place is to wait for it.
   * @throws Failure when the viewer lives on.
   */
  async end(session: ViewerSession, next?: "another"): Promise<EndOutcome> {
    if (next) await this.#host.holdPlace(true);
    const outcome = await this.#endIfThere(session);
    if (!next) await this.#host.holdPlace(false);
    return outcome;
  }

  async #endIfThere(session: ViewerSession): Promise<EndOutcome> {
    if (!this.#mayBeThere) return { kind: "gone" };
    const outcome = await this.#host.end(session, remoteOf(session));
    if (outcome.kind === "gone") this.#mayBeThere = false;
    return outcome;
  }

  /**
   * The event that a report of the host means for the session; undefined if nothing changes, or if the report turns out
   * to be about an earlier viewer.
   */
  async newsOf(
    session: ViewerSession,
    status: RemoteStatus,
    graceSeconds: number,
  ): Promise<SessionEvent | undefined> {
    const since = this.#since;
    if (status.kind === "running") {
      this.isHeard();
      return undefined;
    }
    // What ends a job ends the viewer first.
    const end = status.kind === "place-ended" ? status.failure : await this.#host.endOfPlace();
    if (since !== this.#since) return undefined;
    if (end) {
      this.#mayBeThere = false;
      return { kind: "failed", failure: end };
    }
    return this.#newsOfViewer(session, status, graceSeconds);
  }

  async #newsOfViewer(
    session: ViewerSession,
    status: RemoteStatus,
    graceSeconds: number,
  ): Promise<SessionEvent | undefined> {
    const since = this.#since;
    switch (status.kind) {
      case "running":
      case "place-ended":
        return undefined;
      case "exited": {
        const log = await this.#host.logEnd(session.id);
        if (since !== this.#since) return undefined;
        return failed({ code: "viewer-exited", exitCode: status.exitCode, log });
      }
      case "port-lost":
        return failed({
          code: "viewer-port-lost",
          host: session.host,
          port: portOf(remoteOf(session)?.address),
        });
      case "elsewhere":
        return failed(elsewhere(session.host, status.machine));
      case "gone":
        if (isAnotherMachine(session.machine, status.at))
          return failed(elsewhere(session.host, nameOfMachine(session.machine)));
        this.#mayBeThere = false;
        // Somebody else stopped it, or its lease ran out while we were away.
        return !session.kept && this.#mayHaveLostLease(graceSeconds)
          ? failed({ code: "viewer-lease-ended", host: session.host, seconds: graceSeconds })
          : { kind: "ended", onHost: { kind: "gone" } };
    }
  }

  /** The host counts from the last renewal that it received, which may be earlier than the last one that we know of. */
  #mayHaveLostLease(graceSeconds: number): boolean {
    return Date.now() - this.#heardAt > (graceSeconds * 1000) / 2;
  }
}

function elsewhere(host: string, machine: string): ViewerFailure {
  return { code: "viewer-on-another-machine", host, machine };
}

function failed(failure: ViewerFailure): SessionEvent {
  return { kind: "failed", failure };
}
