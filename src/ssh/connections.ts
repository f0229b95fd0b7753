import { createHmac, randomBytes } from "node:crypto";
import { Emitter, type Event } from "../common/event.js";
import { Failure, orCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { type HostConfig, readHostConfig } from "./config.js";
import type { Connection, Endpoint } from "./connection.js";
import type { ConnectOptions, ConnectRequest, Credentials } from "./connectRequest.js";
import type { SshFailure } from "./failures.js";
import type { Interaction } from "./interaction.js";
import type { KnownHosts } from "./knownHosts.js";
import { openConnection } from "./openConnection.js";
import { createConnection } from "./sshConnection.js";
import type { Target } from "./target.js";

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
  readonly key: string;
  readonly connection: Connection;
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
  const changed = new Emitter<void>();
  const pool = new Map<string, Pooled>();
  const attempts = new Map<string, Attempt>();
  // Credentials are compared, never kept: the salt lives as long as this process.
  const salt = randomBytes(32);

  const keyOf = (endpoint: Endpoint, credentials: Credentials): string =>
    createHmac("sha256", salt)
      .update(JSON.stringify([endpoint.user, endpoint.host, endpoint.port, credentials]))
      .digest("hex");

  const reusable = (endpoint: Endpoint, key: string, credentials: Credentials): Connection | undefined => {
    const pooled = pool.get(idOf(endpoint));
    if (pooled?.connection.state !== "open") return undefined;
    return pooled.key === key || isEmpty(credentials) ? pooled.connection : undefined;
  };

  const keep = (key: string, connection: Connection): Connection => {
    const before = pool.get(connection.id);
    pool.set(connection.id, { key, connection });
    connection.onDidClose((reason) => {
      if (pool.get(connection.id)?.connection === connection) pool.delete(connection.id);
      logger.info(`${connection.id}: ${reason.kind}`);
      changed.fire();
    });
    logger.info(`${connection.id}: connected`);
    changed.fire();
    void before?.connection.close();
    return connection;
  };

  const open = async (
    { target, credentials = {} }: ConnectRequest,
    config: HostConfig,
    key: string,
    interaction: Interaction,
    options: ConnectOptions,
  ): Promise<Connection> => {
    const endpoint = endpointOf(config);
    const request = {
      host: target.host,
      endpoint,
      config,
      credentials,
      interaction,
      knownHosts,
      logger,
      options,
    };
    const { client, socket } = await openConnection(request);
    return keep(key, createConnection(client, socket, target, endpoint));
  };

  return {
    get all() {
      return [...pool.values()].map(({ connection }) => connection);
    },
    onDidChange: changed.event,
    get: (id) => pool.get(id)?.connection,
    connect: async (request, interaction, options = {}) => {
      const { target, credentials = {} } = request;
      const config = await orCancelled(readHostConfig(target, { home, environment, logger }), options.signal);
      refuseProxy(config, target);
      const key = keyOf(endpointOf(config), credentials);
      const present = reusable(endpointOf(config), key, credentials);
      if (present) return present;
      const attempt =
        attempts.get(key) ??
        begin(key, (signal) => open(request, config, key, interaction, { ...options, signal }));
      return join(attempt, options.signal);
    },
    closeAll: async () => {
      for (const { giveUp } of attempts.values()) giveUp.abort();
      await Promise.all([...pool.values()].map(({ connection }) => connection.close()));
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

function endpointOf({ hostName, port, user }: HostConfig): Endpoint {
  return { host: hostName, port, user };
}

function idOf({ user, host, port }: Endpoint): string {
  return `${user}@${host}:${port}`;
}

function isEmpty(credentials: Credentials): boolean {
  return Object.values(credentials).every((value) => value === undefined);
}

function refuseProxy({ proxy, port }: HostConfig, { host }: Target): void {
  if (proxy !== undefined) throw new Failure<SshFailure>({ code: "proxy-not-supported", host, port, proxy });
}
