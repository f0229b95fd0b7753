import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Emitter } from "../../../src/common/async/event.js";
import { Failure, type FailureDetail } from "../../../src/common/failure.js";
import { silentLogger } from "../../../src/common/logger.js";
import type { Connections } from "../../../src/ssh/connections.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import type { TunnelFailure } from "../../../src/tunnel/failures.js";
import type { Tunnel, TunnelWish, Tunnels } from "../../../src/tunnel/tunnel.js";
import { createViewers } from "../../../src/viewer/createViewers.js";
import { createSessionStore, type SessionStore } from "../../../src/viewer/session/sessionStore.js";
import type { StartRequest } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import type { ScriptedHost } from "./scriptedHost.js";

/** Viewers on a scripted host, with tunnels that carry nothing. */
export interface ScriptedViewers {
  /** Whether viewers may listen on a port of the host. */
  mayListenOnPort: boolean;
  readonly viewers: Viewers;
  readonly store: SessionStore;
  /** What `store` writes. */
  readonly storeFile: string;
  /** Tells that another program has written that. */
  storeWritten(): void;
  readonly tunnels: ScriptedTunnels;
  readonly request: StartRequest;
  /** Runs before the host is connected to again: it may wait, and what it throws is why the host cannot be reached. */
  beforeReopening: () => Promise<void> | void;
  /** Something else in this program connects to the host. */
  connectElsewhere(): void;
  dispose(): Promise<void>;
}

export interface ScriptedTunnels {
  /** Those that are open now. */
  readonly open: ReadonlySet<Tunnel>;
  /** Local ports that other programs have. */
  readonly taken: Set<number>;
  /** How often one of those was asked for. */
  refused: number;
  /** How often a tunnel was asked for whose host is not reached yet. */
  reserved: number;
  /** Runs before such a tunnel is there. */
  beforeReserving: () => Promise<void> | void;
  /** Runs before a tunnel is led over a connection: it may wait or throw. */
  beforeOpening: () => Promise<void> | void;
  /** The way of one is lost while its connection lives on. */
  lose(tunnel: Tunnel, failure: FailureDetail): void;
}

export async function createScriptedViewers(host: ScriptedHost): Promise<ScriptedViewers> {
  const folder = await mkdtemp(join(tmpdir(), "viewers-"));
  const storeFile = join(folder, "sessions.json");
  const store = createSessionStore(storeFile, silentLogger);
  const { tunnels, scripted } = createTunnels();
  const reopen = async (): Promise<Connection> => {
    await stage.beforeReopening();
    host.isLost = false;
    return host.connection;
  };
  const changed = new Emitter<void>();
  const written = new Emitter<void>();
  const connections: Partial<Connections> = {
    onDidChange: changed.event,
    get all() {
      return host.isLost ? [] : [host.connection];
    },
    // Nobody else connects.
    get: () => (host.isLost ? undefined : host.connection),
    isKnown: () => true,
    reopen,
  };
  const viewers = createViewers({
    tunnels,
    connections: connections as Connections,
    store,
    graceSeconds: () => 600,
    connectAgain: reopen,
    mayListenOnPort: () => stage.mayListenOnPort,
    storeWritten: written.event,
    logger: silentLogger,
  });
  const stage: ScriptedViewers = {
    viewers,
    mayListenOnPort: false,
    store,
    storeFile,
    storeWritten: () => written.fire(),
    tunnels: scripted,
    beforeReopening: () => undefined,
    connectElsewhere: () => {
      host.isLost = false;
      changed.fire();
    },
    request: {
      environment: {
        python: "/env/bin/python",
        name: "train",
        kind: "venv",
        prefix: "/env",
        pythonVersion: undefined,
        runicornVersion: "0.7.2",
        problem: undefined,
      },
      root: "/runs",
    },
    dispose: async () => {
      host.stopFailure = undefined;
      await viewers.leave();
      await store.list();
      await rm(folder, { recursive: true });
    },
  };
  return stage;
}

function createTunnels(): { readonly tunnels: Tunnels; readonly scripted: ScriptedTunnels } {
  const open = new Map<Tunnel, Emitter<FailureDetail>>();
  const carried = new Set<Tunnel>();
  let lastPort = 50_000;
  const create = (connectionId: string, { localPort }: TunnelWish): Tunnel => {
    const lost = new Emitter<FailureDetail>();
    if (localPort !== undefined && scripted.taken.has(localPort)) {
      scripted.refused += 1;
      throw new Failure<TunnelFailure>({ code: "local-port-taken", port: localPort });
    }
    const port = localPort ?? (lastPort += 1);
    const tunnel: Tunnel = {
      id: String(port),
      connectionId,
      get backend() {
        return carried.has(tunnel) ? "in-process" : undefined;
      },
      isRefusedBySsh: false,
      localPort: port,
      remote: undefined,
      entrance: () => `http://localhost:${port}/`,
      ownHeaders: {},
      onDidLose: lost.event,
      resume: async () => {
        await scripted.beforeOpening();
        if (open.has(tunnel)) carried.add(tunnel);
      },
      close: () => {
        open.delete(tunnel);
        carried.delete(tunnel);
        return Promise.resolve();
      },
    };
    open.set(tunnel, lost);
    return tunnel;
  };
  const scripted: ScriptedTunnels = {
    get open() {
      return new Set(open.keys());
    },
    taken: new Set(),
    refused: 0,
    reserved: 0,
    beforeReserving: () => undefined,
    beforeOpening: () => undefined,
    lose: (tunnel, failure) => {
      carried.delete(tunnel);
      open.get(tunnel)?.fire(failure);
    },
  };
  const tunnels: Partial<Tunnels> = {
    open: async (connection, request) => {
      await scripted.beforeOpening();
      const tunnel = create(connection.id, request);
      carried.add(tunnel);
      return tunnel;
    },
    reserve: async (connectionId, request) => {
      scripted.reserved += 1;
      await scripted.beforeReserving();
      return create(connectionId, request);
    },
  };
  return { tunnels: tunnels as Tunnels, scripted };
}
