import { join } from "node:path";
import type { App } from "../app.js";
import type { Logger } from "../common/logger.js";
import type { SecretStore } from "../secretStore.js";
import type { Connection } from "../ssh/connection.js";
import type { ViewerSession } from "../viewer/session.js";
import { type ConnectFields, connectUnattended } from "./connecting.js";
import { findConnection, type Found } from "./connectionIds.js";
import { createGate } from "./gate.js";
import { createLeases, type Lease, type Leases } from "./leases.js";
import { createProfiles, type Profiles } from "./profiles.js";

/** What the surroundings lend to the API. */
export interface ApiPorts {
  readonly app: App;
  readonly logger: Logger;
  readonly secrets: SecretStore;
  /** Our own version. */
  readonly version: string;
  readonly dataFolder: string;
  /** Shows a viewer that a client asked to be opened. */
  readonly showViewer: (session: ViewerSession) => void;
}

/** What the dialects share. None of it knows a dialect. */
export interface ApiServices {
  readonly app: App;
  readonly leases: Leases;
  readonly profiles: Profiles;
  readonly version: string;
  readonly dataFolder: string;
  readonly showViewer: (session: ViewerSession) => void;
  /** @throws Failure `connection-id-malformed` or `connection-not-found`. */
  readonly find: (connectionId: string) => Found;
  /** Connects without asking anybody. @returns also whether the connection was open before. */
  readonly connect: (
    fields: ConnectFields,
    signal: AbortSignal,
  ) => Promise<{ readonly connection: Connection; readonly wasOpen: boolean }>;
  /** Gives a lease up, with the viewer started through it; the last one of a connection closes it. */
  readonly giveUp: (lease: Lease, options?: { readonly keepViewer?: boolean }) => Promise<void>;
  /** Runs something on a host, a few at a time. @throws Failure `too-much-waiting`. */
  readonly onHost: <T>(connection: Connection, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;
}

/** A stock sshd allows ten sessions on a connection, of which the windows use some too. */
const atOncePerConnection = 4;
/** A stock sshd throttles handshakes from ten on. */
const connectsPerHost = 5;
const waitingPerPlace = 32;

export function createApiServices(ports: ApiPorts): ApiServices {
  const { app, secrets, version, dataFolder, showViewer } = ports;
  const leases = createLeases((id) => app.connections.get(id));
  const profiles = createProfiles(join(dataFolder, "api-connections.json"), secrets);
  const hosts = createGate(atOncePerConnection, waitingPerPlace);
  const handshakes = createGate(connectsPerHost, waitingPerPlace);
  return {
    app,
    leases,
    profiles,
    version,
    dataFolder,
    showViewer,
    find: (id) => findConnection(id, app, leases),
    connect: async (fields, signal) => {
      const before = new Set(app.connections.all);
      const place = `${fields.host.toLowerCase()}:${fields.port ?? ""}`;
      const connection = await handshakes.through(place, signal, () =>
        connectUnattended(app.connections, profiles, fields, signal),
      );
      return { connection, wasOpen: before.has(connection) };
    },
    giveUp: async (lease, { keepViewer = false } = {}) => {
      const isLast = leases.release(lease);
      const { connection, sessionId } = lease;
      if (!keepViewer && sessionId !== undefined) await app.viewers.stop(sessionId);
      const inUse = app.viewers.sessions.some(({ connectionId }) => connectionId === connection.id);
      if (isLast && !inUse) await app.disconnect(connection.id);
    },
    onHost: (connection, signal, work) => hosts.through(connection.id, signal, work),
  };
}
