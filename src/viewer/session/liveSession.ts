import type { Event } from "../../common/async/event.js";
import {
  Cancelled,
  Failure,
  type FailureDetail,
  orCancelled,
  throwIfCancelled,
} from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import { isTunnelFailure } from "../../tunnel/failures.js";
import type { Tunnel } from "../../tunnel/tunnel.js";
import type { ViewerFailure } from "../failures.js";
import { localPortOf, remoteOf, unconfirmedStop } from "./facts.js";
import type { SessionEvent } from "./reduceSession.js";
import type {
  EndOutcome,
  ReconnectWait,
  RemoteStatus,
  RemoteViewer,
  StartOptions,
  StartRequest,
  ViewerAddress,
  ViewerSession,
} from "./session.js";
import type { ListensOn, SessionHost } from "./sessionHost.js";
import { type SessionChange, SessionRecord } from "./sessionRecord.js";
import type { StoredSession } from "./sessionStore.js";
import { SessionTunnel } from "./sessionTunnel.js";
import { SessionViewer } from "./sessionViewer.js";
import { createTurns } from "./turns.js";

/** @returns the local port. */
type OpenTunnel = (address: ViewerAddress) => Promise<number>;

export interface LiveSessionOptions {
  readonly session: ViewerSession;
  /** How the person named the host. */
  readonly target: StoredSession["target"];
  readonly host: SessionHost;
  /** Seconds that a viewer lives on without a client. */
  readonly graceSeconds: () => number;
  /** The reserved tunnel of a session that is restored. */
  readonly tunnel?: Tunnel;
  readonly logger: Logger;
}

/**
 * The owner of one session, and the only one that changes its state. Its operations run one at a time; a stop cancels
 * whatever is running. Reports of the host are applied at once, and ignored when they are about an earlier viewer.
 */
export class LiveSession {
  readonly target: StoredSession["target"];
  readonly #host: SessionHost;
  readonly #graceSeconds: () => number;
  readonly #logger: Logger;
  readonly #turns = createTurns();
  readonly #viewer: SessionViewer;
  readonly #tunnel: SessionTunnel;
  readonly #record: SessionRecord;
  readonly onDidChange: Event<SessionChange>;
  /** The last one: a page that shows it goes on after a restart. */
  #localPort: number | undefined;
  /** Settles when the host's last report has been applied. */
  #news: Promise<void> = Promise.resolve();
  #starting: Promise<ViewerSession> | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ session, target, host, graceSeconds, tunnel, logger }: LiveSessionOptions) {
    this.target = target;
    this.#host = host;
    this.#graceSeconds = graceSeconds;
    this.#logger = logger;
    this.#record = new SessionRecord(session);
    this.onDidChange = this.#record.onDidChange;
    this.#localPort = localPortOf(session);
    const mayBeThere = session.state.kind === "reconnecting" || remoteOf(session) !== undefined;
    this.#viewer = new SessionViewer(host, mayBeThere);
    this.#tunnel = new SessionTunnel(host, (cause) => this.#tunnelLost(cause), tunnel);
    this.onDidChange(({ after }) => {
      if (after.state.kind !== "reconnecting") void this.#tunnel.stopComingBack();
    });
  }

  get session(): ViewerSession {
    return this.#record.session;
  }

  /** Undefined where there is none. */
  get tunnel(): Tunnel | undefined {
    return this.#tunnel.now;
  }

  /** Whether the tunnel is connected now. */
  get isTunnelOpen(): boolean {
    return this.#tunnel.isOpen;
  }

  /**
   * Launches the viewer and opens its tunnel. A start that fails leaves nothing on the host, and the session is stopped.
   * @throws Failure with a `ViewerFailure`, `TunnelFailure` or `SshFailure`, or Cancelled.
   */
  start(request: StartRequest, options: StartOptions = {}): Promise<ViewerSession> {
    return this.#begin(options.signal, async (signal) => {
      try {
        return await this.#launch(request, signal, options, (address) =>
          this.#tunnel.open(address, request.localPort, signal),
        );
      } catch (error) {
        await this.#giveUp(this.#host.failureOf(error));
        throw error;
      }
    });
  }

  /**
   * Opens the tunnel to a viewer that was found on the host; a failure is in the session's state.
   * @param status what its host said of it.
   * @param localPort the one that is wanted again.
   */
  adopt(status: RemoteStatus, localPort: number | undefined): Promise<void> {
    return this.#turns.next(async (signal) => {
      if (status.kind !== "running") return this.#heard(status);
      void this.#host.renewLeases();
      try {
        const remote = remoteOf(this.session);
        if (remote) this.#opened(await this.#tunnel.openAgain(remote.address, localPort, signal));
      } catch (error) {
        await this.#over({ kind: "failed", failure: this.#host.failureOf(error) });
      }
    });
  }

  /**
   * Ends the viewer and starts another one in the same session, on the same local port where it is free. A restart that
   * is under way already is joined. One that fails leaves nothing on the host, and the session failed.
   * @throws as `start` does; Failure `viewer-unknown` when the session was stopped meanwhile, `connection-unknown` when
   * the host cannot be reached.
   */
  restart(options: StartOptions = {}): Promise<ViewerSession> {
    return this.#begin(options.signal, async (signal) => {
      const { state, id, environment, root } = this.session;
      if (state.kind === "stopped") throw new Failure<ViewerFailure>({ code: "viewer-unknown", id });
      this.#host.requireReachable();
      await this.#endViewerOfBefore();
      try {
        return await this.#launch({ environment, root }, signal, options, (address) =>
          this.#tunnel.openAgain(address, this.#localPort, signal),
        );
      } catch (error) {
        if (error instanceof Cancelled) await this.#giveUp(this.#host.failureOf(error));
        else await this.#giveUpRestart(this.#host.failureOf(error));
        throw error;
      }
    });
  }

  /**
   * Ends the viewer on the host and its tunnel.
   * @throws Failure `viewer-stop-unconfirmed` when the host did not say that it is gone: the session has ended then, and
   * what is left is ended at the next visit, or by the lease; another one when the host was reached and the
   * viewer lives on: the session goes on then as it was.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#turns
      .interrupt(() => this.#stopNow())
      .finally(() => {
        this.#stopping = undefined;
      });
    this.#record.apply({ kind: "stop-requested" });
    return this.#stopping;
  }

  /** The host confirmed, after the end, that nothing is left. */
  confirmGone(): void {
    this.#record.apply({ kind: "ended", onHost: { kind: "gone" } });
  }

  /** Releases the session here and leaves its viewer running until its lease expires. */
  leave(): Promise<void> {
    return this.#turns.interrupt(async () => {
      await this.#tunnel.end();
      this.#record.apply({ kind: "ended", onHost: { kind: "left" } });
    });
  }

  /** Lets the viewer run on without a client, or no longer. @throws Failure `connection-unknown`: its host is out of reach. */
  keep(kept: boolean): Promise<void> {
    return this.#turns.next(async (signal) => {
      if (this.session.state.kind === "stopped") return;
      this.#host.requireReachable();
      await orCancelled(this.hearKept(kept), signal);
    });
  }

  /** The user decided this, here or in another window. Resolves when the host has answered, or has failed to. */
  hearKept(kept: boolean): Promise<void> {
    this.#record.correct({ kept });
    return this.#host.renewLeases(kept ? undefined : this.session.id);
  }

  /** The connection to the host is lost, or the next try to open it again is due at another time. */
  connectionLost(cause: FailureDetail, wait: ReconnectWait): void {
    this.#record.apply({ kind: "connection-lost", cause, wait });
    this.#record.apply({ kind: "reconnect-waits", wait });
  }

  /**
   * What the host says of the viewer.
   * @param askedAt by the clock of `performance.now()`: when it was asked.
   */
  hear(status: RemoteStatus, askedAt: number): void {
    const isLive = ["running", "reconnecting"].includes(this.session.state.kind);
    if (isLive && this.#viewer.isAbout(askedAt)) this.#news = this.#heard(status);
  }

  /** Asks the host how the viewer is, and waits until the session says so. @throws Cancelled. */
  async askHost(signal: AbortSignal): Promise<void> {
    await orCancelled(this.#host.renewLeases(), signal);
    await orCancelled(this.#news, signal);
  }

  /** The host is connected again and the viewer is there: reconnects the tunnel. */
  foundAgain(remote: RemoteViewer): void {
    if (this.session.state.kind === "reconnecting") void this.#comeBack(remote);
  }

  /** A start or restart, or the one that is under way. */
  #begin(
    given: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<ViewerSession>,
  ): Promise<ViewerSession> {
    if (this.#starting && !this.#stopping) return this.#starting;
    const starting = this.#turns
      .next((own) => work(given ? AbortSignal.any([own, given]) : own))
      .finally(() => {
        if (this.#starting === starting) this.#starting = undefined;
      });
    this.#starting = starting;
    return starting;
  }

  /** On a socket; on a port where one is wanted, or nothing leads to a socket and ports are allowed. */
  async #launch(
    request: StartRequest,
    signal: AbortSignal,
    options: StartOptions,
    openTunnel: OpenTunnel,
  ): Promise<ViewerSession> {
    const launch = (listensOn: ListensOn): Promise<ViewerSession> =>
      this.#launchOn(listensOn, request, signal, options, openTunnel);
    const { remotePort } = request;
    if (remotePort !== undefined) {
      this.#host.requirePort(remotePort);
      return launch({ port: remotePort });
    }
    try {
      return await launch("socket");
    } catch (error) {
      if (!isTunnelFailure(error, "forwarding-refused") || !this.#host.mayListenOnPort()) throw error;
      if ((await this.#viewer.end(this.session, "another")).kind !== "gone") throw error;
      this.#record.apply({ kind: "viewer-ended" });
      return launch({ port: undefined });
    }
  }

  async #launchOn(
    listensOn: ListensOn,
    request: StartRequest,
    signal: AbortSignal,
    { onProgress }: StartOptions,
    openTunnel: OpenTunnel,
  ): Promise<ViewerSession> {
    onProgress?.("launching");
    const { remote, root } = await this.#viewer.launch(this.session, request, listensOn, signal);
    this.#record.correct({ root, machine: remote.machine });
    this.#record.apply({ kind: "viewer-answered", remote });
    // Acknowledge the launch: the host waits for the first renewal, and opening a tunnel may take long.
    void this.#host.renewLeases();
    onProgress?.("opening-tunnel");
    const localPort = await openTunnel(remote.address);
    throwIfCancelled(signal);
    this.#opened(localPort);
    return this.session;
  }

  async #endViewerOfBefore(): Promise<void> {
    this.#viewer.isAnother();
    this.#record.apply({ kind: "restart-requested" });
    try {
      const outcome = await this.#endViewerAndTunnel("another");
      if (outcome.kind === "unconfirmed") throw new Failure(outcome.cause);
    } catch (error) {
      this.#record.apply({ kind: "failed", failure: this.#host.failureOf(error) });
      throw error;
    }
    this.#record.apply({ kind: "viewer-ended" });
  }

  /** Rolls a failed start back. If a stop cancelled it and this fails, the stop tries again. */
  async #giveUp(failure: FailureDetail): Promise<void> {
    this.#record.apply({ kind: "stop-requested" });
    try {
      await this.#tearDown();
    } catch (error) {
      this.#logger.error(`session ${this.session.id}: clean-up: ${String(error)}`);
      if (!this.#stopping) this.#record.apply({ kind: "stop-failed", failure });
    }
  }

  async #giveUpRestart(failure: FailureDetail): Promise<void> {
    try {
      await this.#tunnel.end();
      const { kind } = await this.#viewer.end(this.session);
      if (kind === "gone") this.#record.apply({ kind: "viewer-ended" });
    } catch (error) {
      this.#logger.error(`session ${this.session.id}: clean-up: ${String(error)}`);
    }
    this.#record.apply({ kind: "failed", failure });
  }

  async #stopNow(): Promise<void> {
    try {
      if (this.session.state.kind !== "stopped") await this.#tearDown();
    } catch (error) {
      this.#record.apply({ kind: "stop-failed", failure: this.#host.failureOf(error) });
      const remote = remoteOf(this.session);
      if (remote) this.foundAgain(remote);
      throw error;
    }
    this.#requireConfirmed();
  }

  async #tearDown(): Promise<void> {
    const outcome = await this.#endViewerAndTunnel();
    const graceSeconds = this.session.kept ? undefined : this.#graceSeconds();
    const onHost = outcome.kind === "gone" ? outcome : { ...outcome, graceSeconds };
    this.#record.apply({ kind: "ended", onHost });
  }

  /** @throws Failure `viewer-stop-unconfirmed`. */
  #requireConfirmed(): void {
    const { state } = this.session;
    if (state.kind !== "stopped" || state.onHost.kind !== "unconfirmed") return;
    throw new Failure(unconfirmedStop(this.session, state.onHost.cause, this.#graceSeconds()));
  }

  async #heard(status: RemoteStatus): Promise<void> {
    const news = await this.#viewer.newsOf(this.session, status, this.#graceSeconds());
    if (news) await this.#over(news);
  }

  /** The session has failed or ended by itself. */
  async #over(event: SessionEvent): Promise<void> {
    this.#record.apply(event);
    await this.#tunnel.close();
  }

  #opened(localPort: number): void {
    this.#viewer.isHeard();
    this.#localPort = localPort;
    this.#record.apply({ kind: "tunnel-opened", localPort });
    this.#unlessLost();
  }

  async #comeBack(remote: RemoteViewer): Promise<void> {
    try {
      const localPort = await this.#tunnel.comeBack(remote.address, this.#localPort);
      if (localPort === undefined) return;
      this.#viewer.isHeard();
      this.#localPort = localPort;
      this.#record.apply({ kind: "reconnected", remote, localPort });
      this.#unlessLost();
    } catch (error) {
      await this.#over({ kind: "failed", failure: this.#host.failureOf(error) });
    }
  }

  /** Handles a tunnel that was lost before anybody listened. */
  #unlessLost(): void {
    if (!this.#tunnel.isOpen) this.#tunnelLost(this.#host.failureOf(undefined));
  }

  #tunnelLost(cause: FailureDetail): void {
    this.#record.apply({ kind: "connection-lost", cause, wait: { kind: "connecting" } });
    const remote = remoteOf(this.session);
    // If the connection is still open, only the tunnel has to be reopened.
    if (remote && this.#host.isReachable) this.foundAgain(remote);
  }

  /** In parallel: closing a tunnel of the system's ssh takes a while. */
  async #endViewerAndTunnel(next?: "another"): Promise<EndOutcome> {
    const closed = this.#tunnel.end();
    closed.catch(() => undefined);
    try {
      return await this.#viewer.end(this.session, next);
    } finally {
      await closed;
    }
  }
}
