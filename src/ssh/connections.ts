import { createHmac, randomBytes } from "node:crypto";
import { Emitter, type Event } from "../common/event.js";
import { Failure, isFailure, orCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { createConfigReader } from "./config.js";
import { type Connection, type Endpoint, endpointId } from "./connection.js";
import type { ConnectOptions, ConnectRequest, Credentials } from "./connectRequest.js";
import type { SshFailure } from "./failures.js";
import type { HostConfig, Route } from "./hostConfig.js";
import { createHops } from "./hops.js";
import type { Interaction } from "./interaction.js";
import type { KnownHosts } from "./knownHosts.js";
import { openConnection } from "./openConnection.js";
import { handOver, handOverReason, withOpenssh, withoutKeys } from "./handOver.js";
import { opensshOnward } from "./opensshOnward.js";
import { reach } from "./reach.js";
import { rememberAnswers, type RememberedAnswers } from "./rememberedAnswers.js";
import { createSshProgram } from "./sshProgram.js";
import { createConnection } from "./sshConnection.js";
import { formatTarget, type Target } from "./target.js";

/** The pool: one connection per endpoint and credentials. */
export interface Connections {
  readonly all: readonly Connection[];
  /** Any connection opened or closed. */
  readonly onDidChange: Event<void>;
  /**
   * The open connection for this endpoint and these credentials, or a new one. Two callers at once share one attempt.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  connect(request: ConnectRequest, interaction: Interaction, options?: ConnectOptions): Promise<Connection>;
  get(id: string): Connection | undefined;
  /** Whether {@link Connections.reopen} knows how this connection was made. */
  isKnown(id: string): boolean;
  /**
   * Opens a connection again that was lost, as it was opened first; what a person answered then is in memory until the
   * connection is closed on purpose. A failed authentication forgets it.
   * @param attended whether a person may be asked what is not remembered.
   * @throws Failure with an `SshFailure` (`connection-unknown` when there never was one), or Cancelled.
   */
  reopen(id: string, attended: boolean, signal: AbortSignal): Promise<Connection>;
  /** Closes every connection; resolves when all sockets are gone. */
  closeAll(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly knownHosts: KnownHosts;
  /** The local home folder. */
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

interface Pooled {
  /** Of every set of credentials that was proved for this connection. */
  readonly keys: Set<string>;
  readonly connection: Connection;
}

/** How a connection was made. */
interface Origin {
  readonly request: ConnectRequest;
  readonly answers: RememberedAnswers;
}

/** What is to be connected to, and on behalf of what. */
interface Way {
  readonly target: Target;
  readonly config: HostConfig;
  readonly credentials: Credentials;
  /** Set for a jump host: the host that a person wants to reach. */
  readonly onTheWayTo: string | undefined;
  /** The host and the jump hosts that lead to here; each may be configured to be reached through others. */
  readonly chain: readonly string[];
  /** Where to go, when the name was looked up already. */
  readonly address?: string | undefined;
  readonly answers: RememberedAnswers;
  /** That the system's ssh was tried. */
  readonly beyondOpenssh?: boolean;
}

/** One attempt that several callers may wait for; it is given up when the last of them has gone. */
interface Attempt {
  readonly work: Promise<Connection>;
  readonly giveUp: AbortController;
  waiting: number;
}

export function createConnections({
  knownHosts,
  home,
  environment,
  logger,
}: ConnectionsOptions): Connections {
  const readConfig = createConfigReader({ home, environment, logger });
  const program = createSshProgram({ home, environment });
  const hopConnections = createHops();
  const changed = new Emitter<void>();
  const pool = new Map<string, Pooled>();
  const attempts = new Map<string, Attempt>();
  const origins = new Map<string, Origin>();
  // Credentials are compared, never kept: the salt lives as long as this process.
  const salt = randomBytes(32);

  const keyOf = (endpoint: Endpoint, credentials: Credentials): string =>
    createHmac("sha256", salt)
      .update(JSON.stringify([endpointId(endpoint), credentials]))
      .digest("hex");

  const reusable = (endpoint: Endpoint, key: string, credentials: Credentials): Connection | undefined => {
    const pooled = pool.get(endpointId(endpoint));
    if (pooled?.connection.state !== "open") return undefined;
    return pooled.keys.has(key) || isEmpty(credentials) ? pooled.connection : undefined;
  };

  const keep = (key: string, connection: Connection, origin: Origin): Connection => {
    const before = pool.get(connection.id);
    if (before?.connection.state === "open") {
      // Other credentials for the same place, now proved: what runs on the connection that is there must go on.
      before.keys.add(key);
      void connection.close();
      return before.connection;
    }
    pool.set(connection.id, { keys: new Set([key]), connection });
    origins.set(connection.id, origin);
    connection.onDidClose((reason) => {
      if (pool.get(connection.id)?.connection === connection) {
        pool.delete(connection.id);
        if (reason.kind === "closed") origins.delete(connection.id);
      }
      logger.info(`${connection.id}: ${reason.kind}`);
      changed.fire();
    });
    logger.info(`${connection.id}: connected`);
    changed.fire();
    return connection;
  };

  const open = async (way: Way, interaction: Interaction, options: ConnectOptions): Promise<Connection> => {
    const { target, config, credentials, onTheWayTo, address } = way;
    const endpoint = endpointOf(config, target);
    const at = {
      host: target.host,
      port: endpoint.port,
      ...(onTheWayTo !== undefined && { onTheWayTo }),
    };
    const { dial, release, openssh } = await reach(endpoint, config.route, {
      at,
      environment,
      address,
      connectHop: (hops) => borrowHop(hops, way, interaction, options.signal),
    });
    try {
      const subject = { user: endpoint.user, ...at };
      const request = { subject, endpoint, dial, config, credentials, interaction, knownHosts, logger };
      // Where ssh must not look the host up again, it is of no help.
      const mayHandOver = way.beyondOpenssh !== true && address === undefined && process.platform !== "win32";
      const beforeAsking = mayHandOver ? "give-up" : "go-on";
      const opened = await openConnection({ ...request, options, beforeAsking });
      const files = knownHosts.filesFor(config.knownHostsFiles);
      const onward = opensshOnward(openssh, target, opened, files, config);
      return createConnection(opened, { target, endpoint, openssh: onward, onTheWayTo });
    } catch (error) {
      release();
      const reason = way.beyondOpenssh || address !== undefined ? undefined : handOverReason(error);
      if (reason === undefined) throw error;
      const about = { target, endpoint, at, onTheWayTo, way: openssh, config, credentials };
      const over = { ...about, program, knownHosts, interaction, logger, options };
      const result = await handOver(reason, over);
      if (typeof result !== "string") return result;
      way.answers.forgetPins();
      logger.info(`${target.host}: OpenSSH cannot carry the connection: ${result}`);
      const others = withoutKeys(config, error);
      if (!others) throw withOpenssh(error, result);
      const asking: Way = { ...way, config: others, beyondOpenssh: true };
      return open(asking, interaction, options).catch((last: unknown) => {
        throw isFailure(last, "authentication-failed") ? withOpenssh(last, result) : last;
      });
    }
  };

  /** The credentials that came with the request are the host's; a jump host is told those of its own configuration. */
  const borrowHop = async (
    hops: readonly Target[],
    way: Way,
    interaction: Interaction,
    signal: AbortSignal | undefined,
  ) => {
    const goal = way.onTheWayTo ?? way.target.host;
    const [target, before] = [hops.at(-1) as Target, hops.slice(0, -1)];
    const own = await orCancelled(readConfig(target), signal);
    const config: HostConfig = before.length > 0 ? { ...own, route: { kind: "jump", hops: before } } : own;
    const { useAgent = true } = way.credentials;
    const id = endpointId(endpointOf(config, target));
    if (way.chain.includes(id)) {
      throw new Failure<SshFailure>({ code: "jump-loop", host: goal, port: own.port });
    }
    const chain = [...way.chain, id];
    const hop: Way = {
      target,
      config,
      credentials: { useAgent },
      onTheWayTo: goal,
      chain,
      answers: way.answers,
    };
    const key = JSON.stringify([id, useAgent]);
    return hopConnections.borrow(
      key,
      (whileWanted) => open(hop, interaction, { signal: whileWanted }),
      signal,
    );
  };

  const connect = async (
    origin: Origin,
    interaction: Interaction,
    options: ConnectOptions,
  ): Promise<Connection> => {
    const { target, address } = origin.request;
    const credentials = withPaths(origin.request.credentials ?? {}, home);
    const config = await orCancelled(
      readConfig(target, address === undefined ? "files" : "defaults"),
      options.signal,
    );
    const endpoint = endpointOf(config, target);
    const key = keyOf(endpoint, credentials);
    const present = reusable(endpoint, key, credentials);
    if (present) return present;
    const chain = [endpointId(endpoint)];
    const way: Way = {
      target,
      config,
      credentials,
      onTheWayTo: undefined,
      chain,
      address,
      answers: origin.answers,
    };
    const work = async (signal: AbortSignal): Promise<Connection> => {
      try {
        return keep(key, await open(way, interaction, { ...options, signal }), origin);
      } catch (error) {
        if (isFailure(error, "authentication-failed")) origin.answers.forget();
        throw error;
      }
    };
    return join(attempts.get(key) ?? begin(key, work), options.signal);
  };

  return {
    get all() {
      return [...pool.values()].map(({ connection }) => connection);
    },
    onDidChange: changed.event,
    get: (id) => pool.get(id)?.connection,
    connect: (request, interaction, options = {}) => {
      const answers = rememberAnswers(interaction);
      return connect({ request, answers }, answers.attended, options);
    },
    isKnown: (id) => origins.has(id),
    reopen: async (id, attended, signal) => {
      const origin = origins.get(id);
      if (!origin) throw new Failure<SshFailure>({ code: "connection-unknown", id });
      const { answers } = origin;
      return connect(origin, attended ? answers.attended : answers.alone, { signal });
    },
    closeAll: async () => {
      for (const { giveUp } of attempts.values()) giveUp.abort();
      await Promise.all([...pool.values()].map(({ connection }) => connection.close()));
      await hopConnections.settled();
    },
  };

  function begin(key: string, work: (signal: AbortSignal) => Promise<Connection>): Attempt {
    const giveUp = new AbortController();
    const attempt: Attempt = {
      giveUp,
      waiting: 0,
      work: work(giveUp.signal).finally(() => attempts.delete(key)),
    };
    // Those who wait hear of a failure; where the last one has left, nobody needs to.
    attempt.work.catch(() => undefined);
    attempts.set(key, attempt);
    return attempt;
  }

  async function join(attempt: Attempt, signal: AbortSignal | undefined): Promise<Connection> {
    attempt.waiting += 1;
    try {
      return await orCancelled(attempt.work, signal);
    } finally {
      attempt.waiting -= 1;
      if (attempt.waiting === 0) attempt.giveUp.abort();
    }
  }
}

function endpointOf({ hostName, port, user, route }: HostConfig, target: Target): Endpoint {
  const via = viaOf(route, target);
  return { host: hostName, port, user, ...(via !== undefined && { via }) };
}

function viaOf(route: Route, { host }: Target): string | undefined {
  switch (route.kind) {
    case "direct":
      return undefined;
    case "jump":
      return route.hops.map(formatTarget).join(", ");
    case "command":
      return `ProxyCommand of ${host}`;
  }
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

function isEmpty(credentials: Credentials): boolean {
  return Object.values(credentials).every((value) => value === undefined);
}
