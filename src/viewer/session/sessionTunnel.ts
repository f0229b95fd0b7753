import type { FailureDetail } from "../../common/failure.js";
import { isTunnelFailure } from "../../tunnel/failures.js";
import type { Tunnel } from "../../tunnel/tunnel.js";
import type { ViewerAddress } from "./session.js";
import type { SessionHost } from "./sessionHost.js";

/** The tunnel of one session: opened, lost, and led over the next connection. */
export class SessionTunnel {
  readonly #host: SessionHost;
  readonly #onLost: (cause: FailureDetail) => void;
  #tunnel: Tunnel | undefined;
  #comingBack: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined;

  /**
   * @param onLost hears each time that what carries it is lost.
   * @param reserved one that is there already and leads nowhere yet.
   */
  constructor(host: SessionHost, onLost: (cause: FailureDetail) => void, reserved?: Tunnel) {
    this.#host = host;
    this.#onLost = onLost;
    if (reserved) this.#use(reserved);
  }

  /** The one that leads to the viewer, or will again; undefined before it was opened and after it was closed. */
  get now(): Tunnel | undefined {
    return this.#tunnel;
  }

  /** Whether something carries it now. */
  get isOpen(): boolean {
    return this.#tunnel?.backend !== undefined;
  }

  /**
   * Opens it where there is none.
   * @param localPort a wanted one; one that is taken is a failure.
   * @returns the local port.
   * @throws Failure with a `TunnelFailure`, or Cancelled.
   */
  async open(address: ViewerAddress, localPort: number | undefined, signal: AbortSignal): Promise<number> {
    return this.#use(await this.#host.openTunnel(address, localPort, signal)).localPort;
  }

  /** The same, on another local port where the wanted one is taken. */
  async openAgain(
    address: ViewerAddress,
    localPort: number | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    return this.open(address, localPort, signal).catch((error: unknown) => {
      if (isTunnelFailure(error, "local-port-taken")) return this.open(address, undefined, signal);
      throw error;
    });
  }

  /**
   * Reconnects it over the open connection, with back-off, while there is one. A closed tunnel gets its local port
   * again if that is free.
   * @returns the local port; undefined when that was given up, or is under way already.
   * @throws Failure that no later try would mend.
   */
  async comeBack(address: ViewerAddress, localPort: number | undefined): Promise<number | undefined> {
    if (this.#comingBack) return undefined;
    const abort = new AbortController();
    const work = this.#tryAgain(address, localPort, abort.signal).finally(() => {
      this.#comingBack = undefined;
    });
    this.#comingBack = { abort, ended: work.catch(() => undefined) };
    return work;
  }

  /** Cancels reconnecting; resolves when that has ended. */
  async stopComingBack(): Promise<void> {
    this.#comingBack?.abort.abort();
    await this.#comingBack?.ended;
  }

  /** Closes it for good. */
  async end(): Promise<void> {
    await this.stopComingBack();
    await this.close();
  }

  async close(): Promise<void> {
    const tunnel = this.#tunnel;
    this.#tunnel = undefined;
    await tunnel?.close();
  }

  async #tryAgain(
    address: ViewerAddress,
    localPort: number | undefined,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    let reached: number | undefined;
    const attempt = async (): Promise<boolean> => {
      const tunnel = this.#tunnel ?? (await this.#reserve(localPort, signal));
      if (!tunnel) return false;
      await this.#host.resumeTunnel(tunnel, address, signal);
      if (signal.aborted || tunnel.backend === undefined) return false;
      reached = tunnel.localPort;
      return true;
    };
    try {
      await this.#host.retry(attempt, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return reached;
  }

  async #reserve(localPort: number | undefined, signal: AbortSignal): Promise<Tunnel | undefined> {
    const reserved = await this.#host.reserveTunnel(localPort);
    if (!signal.aborted) return this.#use(reserved);
    await reserved.close();
    return undefined;
  }

  #use(tunnel: Tunnel): Tunnel {
    this.#tunnel = tunnel;
    tunnel.onDidLose((cause) => {
      if (this.#tunnel === tunnel) this.#onLost(cause);
    });
    return tunnel;
  }
}
