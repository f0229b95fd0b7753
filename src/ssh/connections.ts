import { createHmac, randomBytes } from "node:crypto";
import { Emitter, type Event } from "../common/async/event.js";
import { createSharedWork } from "../common/async/sharedWork.js";
import { Failure, orCancelled } from "../common/failure.js";
import { createConfigReader, type ReadConfig } from "./config/config.js";
import { endpointOf } from "./config/endpoint.js";
import { withJump } from "./config/hostConfig.js";
import { type Connection, type Endpoint, endpointId } from "./model/connection.js";
import type { ConnectOptions, ConnectRequest, Credentials } from "./model/connectRequest.js";
import { isSshFailure, type SshFailure } from "./model/failures.js";
import type { Interaction } from "./model/interaction.js";
import { createRouteOpener, type RouteOpenerOptions } from "./openRoute.js";
import { createPool, type Origin, type Pool } from "./pool.js";
import { rememberAnswers } from "./login/rememberedAnswers.js";
import { formatTarget, type Target } from "./model/target.js";
import { createJobConnections, type LoginNode, type OpenJob } from "./jobConnections.js";
import { jobOf } from "./model/jobTarget.js";
import { isThisMachine } from "./model/thisMachine.js";
import { createLocalConnection } from "./thisMachine/localConnection.js";

/** The pool: one connection per endpoint and credentials. */
export interface Connections {
  readonly all: readonly Connection[];
  /** Any connection opened or closed. */
  readonly onDidChange: Event<void>;
  /** Where connections are being opened now, as it was written; each as often as it is asked for. */
  readonly connecting: readonly Target[];
  readonly onDidChangeConnecting: Event<void>;
  /**
   * The open connection for this endpoint and these credentials, or a new one. Two callers at once share one attempt.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  connect(request: ConnectRequest, interaction: Interaction, options?: ConnectOptions): Promise<Connection>;
  get(id: string): Connection | undefined;
  /**
   * The open connection that {@link Connections.connect} would give for this request without opening one.
   * @throws Cancelled.
   */
  present(request: ConnectRequest, signal?: AbortSignal): Promise<Connection | undefined>;
  /** Whether {@link Connections.reopen} knows how this connection was made. */
  isKnown(id: string): boolean;
  /**
   * Opens a connection again that was lost, as it was opened first; what a person answered then is in memory until the
   * connection is closed on purpose. A failed authentication forgets it.
   * @param attended whether a person may be asked what is not remembered.
   * @throws Failure with an `SshFailure` (`connection-unknown` when there never was one), or Cancelled.
   */
  reopen(id: string, attended: boolean, signal: AbortSignal): Promise<Connection>;
  /**
   * Forgets the credentials of lost connections, and what was answered for them, unless they are to be opened again.
   * @param isNeeded asked of each connection that was lost.
   */
  forgetLost(isNeeded: (id: string) => boolean): void;
  /** Forgets the same of every connection to this target, as it was written. One that is open stays open. */
  forget(target: Target): void;
  /** Closes every connection; resolves when all sockets are gone. */
  closeAll(): Promise<void>;
}

export interface ConnectionsOptions extends Omit<RouteOpenerOptions, "readConfig"> {
  /** Default: nothing leads into jobs. */
  readonly openJob?: OpenJob | undefined;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { program, logger } = options;
  const readConfig = createConfigReader({ program, logger });
  const routes = createRouteOpener({ ...options, readConfig });
  const pool = createPool(logger);
  const attempts = createSharedWork<Connection>();
  const connecting = createCalls();

  const lookUp = createLookUp(program.home, readConfig, pool);
  const connect = async (
    origin: Origin,
    interaction: Interaction,
    options: ConnectOptions,
  ): Promise<Connection> => {
    const { request, answers } = origin;
    const { target, address } = request;
    if (isThisMachine(target)) return pool.keep("", createLocalConnection(program), origin);
    const job = jobOf(target);
    if (job) return connecting.during(target, jobs.connect(job, origin, interaction, options.signal));
    const { credentials, config, endpoint, key, present } = await lookUp(request, options.signal);
    if (present) return present;
    const chain = [endpointId(endpoint)];
    const wanted = { target, config, credentials, address };
    const route = { ...wanted, onTheWayTo: undefined, chain, answers, interaction };
    const open = async (signal: AbortSignal): Promise<Connection> => {
      try {
        return pool.keep(key, await routes.open({ ...route, options: { ...options, signal } }), origin);
      } catch (error) {
        if (isSshFailure(error, "authentication-failed")) answers.forget();
        throw error;
      }
    };
    return connecting.during(target, attempts.join(key, open, options.signal));
  };

  /** The connection to a login node, or one that is opened as it was before. */
  const loginNode: LoginNode = async (login, interaction, signal) => {
    const { endpoint, present } = await lookUp({ target: login }, signal);
    if (present) return present;
    const origin = pool.originOf(endpointId(endpoint));
    const answers = origin?.answers ?? rememberAnswers(interaction);
    return connect(origin ?? { request: { target: login }, answers }, interaction, { signal });
  };
  const jobs = createJobConnections({ pool, attempts, loginNode, openJob: options.openJob });

  return {
    get all() {
      return pool.all;
    },
    onDidChange: pool.onDidChange,
    get connecting() {
      return connecting.all;
    },
    onDidChangeConnecting: connecting.onDidChange,
    get: (id) => pool.get(id),
    present: async (request, signal) => {
      if (isThisMachine(request.target)) return presentHere(pool);
      if (jobOf(request.target)) return jobs.present(request.target);
      return (await lookUp(request, signal)).present;
    },
    connect: (request, interaction, options = {}) => {
      const answers = rememberAnswers(interaction);
      return connect({ request, answers }, answers.attended, options);
    },
    isKnown: (id) => pool.originOf(id) !== undefined,
    reopen: async (id, attended, signal) => {
      const origin = pool.originOf(id);
      if (!origin) throw new Failure<SshFailure>({ code: "connection-unknown", id });
      const { answers } = origin;
      return connect(origin, attended ? answers.attended : answers.alone, { signal });
    },
    forgetLost: (isNeeded) => pool.forgetOrigins((id) => pool.get(id)?.state !== "open" && !isNeeded(id)),
    forget: (target) => pool.forgetOrigins((_id, { request }) => isSame(request.target, target)),
    closeAll: async () => {
      attempts.giveUpAll();
      await Promise.all(pool.all.map((connection) => connection.close()));
      await routes.settled();
    },
  };
}

function presentHere(pool: Pool): Connection | undefined {
  return pool.all.find(({ local, state }) => local && state === "open");
}

/** As they were written. */
function isSame(one: Target, other: Target): boolean {
  return formatTarget(one) === formatTarget(other);
}

/** Who is being called now. */
function createCalls() {
  const changed = new Emitter<void>();
  const underWay = new Set<{ readonly target: Target }>();
  return {
    onDidChange: changed.event,
    get all(): readonly Target[] {
      return [...underWay].map(({ target }) => target);
    },
    during: async <T>(target: Target, work: Promise<T>): Promise<T> => {
      const call = { target };
      underWay.add(call);
      changed.fire();
      try {
        return await work;
      } finally {
        underWay.delete(call);
        changed.fire();
      }
    },
  };
}

/** What a request comes to, and the connection that is there for it. */
function createLookUp(home: string, readConfig: ReadConfig, pool: Pool) {
  const keyOf = createCredentialsKey();
  return async (request: ConnectRequest, signal?: AbortSignal) => {
    const { target, address } = request;
    const credentials = withPaths(request.credentials ?? {}, home);
    const from = address === undefined ? "files" : "defaults";
    const config = withJump(await orCancelled(readConfig(target, from), signal), request.jump);
    const endpoint = endpointOf(config, target);
    const key = keyOf(endpoint, credentials);
    return { credentials, config, endpoint, key, present: pool.reusable(endpoint, key, credentials) };
  };
}

/** Names credentials for an endpoint. They are compared, never kept: the salt lives as long as this process. */
function createCredentialsKey(): (endpoint: Endpoint, credentials: Credentials) => string {
  const salt = randomBytes(32);
  return (endpoint, credentials) =>
    createHmac("sha256", salt)
      .update(JSON.stringify([endpointId(endpoint), credentials]))
      .digest("hex");
}

function withPaths(credentials: Credentials, home: string): Credentials {
  const { identityFiles } = credentials;
  return identityFiles === undefined
    ? credentials
    : {
        ...credentials,
        identityFiles: identityFiles.map((file) => file.replace(/^~(?=\/|\\|$)/, () => home)),
      };
}
