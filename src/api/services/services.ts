import { join } from "node:path";
import type { App } from "../../app.js";
import { createSemaphore } from "../../common/async/semaphore.js";
import type { Logger } from "../../common/logger.js";
import type { SecretStore } from "../../secretStore.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { type ConnectFields, connectUnattended, presentConnection } from "./connecting.js";
import { findConnection, type Found } from "./connectionIds.js";
import { createGate, type OnHost } from "./gate.js";
import { createHostEnvironments, type HostEnvironmentsService } from "./hostEnvironments.js";
import { createConnectionLeases, type ConnectionLease, type ConnectionLeases } from "./connectionLeases.js";
import { createOfferedKeys, type OfferedKeys } from "./offeredKeys.js";
import { createProfiles, type Profiles } from "./profiles.js";
import { awaitReturningViewers } from "./returningViewers.js";
import { createSavedSessions, type SavedSessions } from "./savedSessions.js";

/** Dependencies of the API. */
export interface ApiPorts {
  readonly app: App;
  readonly logger: Logger;
  readonly secrets: SecretStore;
  /** Our own version. */
  readonly version: string;
  readonly dataFolder: string;
  /** Shows a viewer that a client asked to be opened. */
  readonly showViewer: (session: ViewerSession) => void;
  /** A monotonic clock in milliseconds, for limits of minutes. Default: `performance.now`. */
  readonly clock?: () => number;
}

/** The services that all dialects share; none depends on a dialect. */
export interface ApiServices {
  readonly app: App;
  readonly leases: ConnectionLeases;
  readonly profiles: Profiles;
  readonly offeredKeys: OfferedKeys;
  readonly version: string;
  readonly dataFolder: string;
  readonly showViewer: (session: ViewerSession) => void;
  /** @throws Failure `connection-id-malformed` or `connection-not-found`. */
  readonly find: (connectionId: string) => Found;
  /** Connects without asking anybody. @returns the connection, and whether it was already open. */
  readonly connect: (
    fields: ConnectFields,
    signal: AbortSignal,
  ) => Promise<{ readonly connection: Connection; readonly wasOpen: boolean }>;
  /**
   * Releases a lease and stops the viewer started through it. The last lease of a connection closes it, unless a viewer is
   * left on it.
   * @throws Failure as the viewers' own stop.
   */
  readonly giveUp: (lease: ConnectionLease, options?: GiveUpOptions) => Promise<void>;
  /** Runs something on a host, a few at a time. @throws Failure `too-much-waiting`. */
  readonly onHost: OnHost;
  readonly environments: HostEnvironmentsService;
  readonly savedSessions: SavedSessions;
}

export interface GiveUpOptions {
  /** Leaves the viewer running, and so the connection open. */
  readonly keepViewer?: boolean;
  /** Closes the connection also if the viewer of this lease could not be stopped. */
  readonly force?: boolean;
}

/** sshd allows ten sessions per connection by default (MaxSessions), and the windows use some. */
const atOncePerConnection = 4;
/** sshd starts to drop handshakes at ten by default (MaxStartups). */
const connectsPerHost = 5;
/** Each runs `ssh -G`. */
const lookUpsAtOnce = 8;
/** Waiting requests per host, as documented in docs/api.md. Each costs a few kilobytes and no SSH. */
const waitingPerPlace = 256;

export function createApiServices(ports: ApiPorts): ApiServices {
  const { app, secrets, version, dataFolder, showViewer, clock } = ports;
  const leases = createConnectionLeases((id) => app.connections.get(id));
  const savedSessions = createSavedSessions(app, leases);
  const profiles = createProfiles(join(dataFolder, "api-connections.json"), secrets);
  const offeredKeys = createOfferedKeys(clock);
  const hosts = createGate(atOncePerConnection, waitingPerPlace);
  const handshakes = createGate(connectsPerHost, waitingPerPlace);
  const lookUps = createSemaphore(lookUpsAtOnce);
  const onHost: OnHost = (connection, signal, work) => hosts.through(connection.id, signal, work);
  return {
    app,
    leases,
    profiles,
    offeredKeys,
    version,
    dataFolder,
    showViewer,
    find: (id) => findConnection(id, app, leases),
    connect: async (fields, signal) => {
      const leave = await lookUps.enter(signal);
      let present;
      try {
        present = await presentConnection(app.connections, fields, signal);
      } finally {
        leave();
      }
      if (present) {
        // Our own reconnect may have just opened it for these viewers.
        await awaitReturningViewers(app, present, signal, true);
        return { connection: present, wasOpen: true };
      }
      const before = new Set(app.connections.all);
      const place = `${fields.host.toLowerCase()}:${fields.port ?? ""}`;
      const connection = await handshakes.through(place, signal, () =>
        offeredKeys.notedFrom(() => connectUnattended(app.connections, profiles, fields, signal)),
      );
      const wasOpen = before.has(connection);
      if (!wasOpen) savedSessions.opened(connection);
      await awaitReturningViewers(app, connection, signal, wasOpen);
      return { connection, wasOpen };
    },
    giveUp: async (lease, { keepViewer = false, force = false } = {}) => {
      const isLast = leases.release(lease);
      const { connection, sessionId } = lease;
      try {
        if (!keepViewer && sessionId !== undefined) await app.viewers.stop(sessionId);
      } finally {
        const isPassedOver = (id: string): boolean => force && !keepViewer && id === sessionId;
        const inUse = app.viewers.sessions.some(
          ({ connectionId, id }) => connectionId === connection.id && !isPassedOver(id),
        );
        if (isLast && !inUse) await app.disconnect(connection.id);
      }
    },
    onHost,
    environments: createHostEnvironments(app.environments, onHost),
    savedSessions,
  };
}
