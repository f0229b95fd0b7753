import { createHash } from "node:crypto";
import { join } from "node:path";
import { Emitter, type Event } from "../common/async/event.js";
import { createSerialQueue } from "../common/async/serialQueue.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { acquireLock, type Lock, LockBusy } from "../common/files/lock.js";
import type { Connections } from "../ssh/connections.js";
import type { HostKeyQuestion } from "../ssh/model/hostKeys.js";
import { type Agent, startAgent } from "./agent.js";
import { createAuditLog } from "./auditLog.js";
import type { Describe, RelayStartFailure } from "./protocol/failures.js";
import { openJournal } from "./journal/journal.js";
import type { RelayOptions } from "./options.js";
import { checkMainServer, displayUrl, type MainServer } from "./wire/server.js";
import type { RelayStatus } from "./status.js";
import type { ProxyVariables } from "./wire/httpProxy.js";
import { makeFolder } from "../common/files/makeFolder.js";

/** The relay agent of this program: one at most. */
export interface Relay {
  /** Undefined while no agent runs. */
  readonly status: RelayStatus | undefined;
  readonly onDidChange: Event<void>;
  /** See {@link Agent.onUnknownHostKey}. */
  readonly onUnknownHostKey: Event<HostKeyQuestion>;
  /** Absolute path of the file with one line for each command. */
  readonly auditFile: string;
  /** Starts an agent in the place of the one that runs. @throws Failure with a `RelayStartFailure`. */
  start(options: RelayOptions): Promise<void>;
  stop(): Promise<void>;
}

export interface RelayPorts {
  /** Absolute path of a folder of ours. */
  readonly dataFolder: string;
  /** Makes a pool that is the agent's own. */
  readonly createConnections: () => Connections;
  readonly describe: Describe;
  readonly logger: Logger;
  readonly environment: ProxyVariables;
}

/** Milliseconds in which another window that is about to end may let go of the journal, and in which a dead one is told. */
const lockPatience = 6_000;

export function createRelay({
  dataFolder,
  createConnections,
  describe,
  logger,
  environment,
}: RelayPorts): Relay {
  const folder = join(dataFolder, "relay");
  const changed = new Emitter<void>();
  const unknownHostKey = new Emitter<HostKeyQuestion>();
  const audit = createAuditLog(join(folder, "audit.log"), (error) =>
    logger.error(`relay: the audit log could not be written: ${String(error)}`),
  );
  let current: { readonly agent: Agent; readonly end: () => Promise<void> } | undefined;
  // One start or stop after the other.
  const turns = createSerialQueue();

  const stop = async (): Promise<void> => {
    if (!current) return;
    await current.end().finally(() => (current = undefined));
    changed.fire();
  };

  const start = async (options: RelayOptions): Promise<void> => {
    const server = checkMainServer(options.server);
    await stop();
    await makeFolder(folder);
    const file = join(folder, `${journalName(server)}.journal`);
    const lock = await lockJournal(`${file}.lock`);
    const connections = createConnections();
    const journal = await openJournal({ file, apiKey: server.apiKey }).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    const release = async (): Promise<void> => {
      await audit.close();
      await journal.close();
      await lock.release();
    };
    try {
      const agent = await startAgent(options, {
        server,
        journal,
        connections,
        audit,
        describe,
        logger,
        environment,
      });
      agent.onDidChange(() => changed.fire());
      agent.onUnknownHostKey((question) => unknownHostKey.fire(question));
      current = { agent, end: () => agent.stop().finally(release) };
      changed.fire();
    } catch (error) {
      await release();
      throw error;
    }
  };

  return {
    get status() {
      return current?.agent.status;
    },
    onDidChange: changed.event,
    onUnknownHostKey: unknownHostKey.event,
    auditFile: audit.file,
    start: (options) => turns.add(() => start(options)),
    stop: () => turns.add(stop),
  };
}

/** Commands are numbered by the server for one proxy: each pair has a journal of its own. */
function journalName(server: MainServer): string {
  return createHash("sha256")
    .update(JSON.stringify([displayUrl(server), server.proxyId]))
    .digest("hex")
    .slice(0, 16);
}

async function lockJournal(file: string): Promise<Lock> {
  try {
    return await acquireLock(file, { patience: lockPatience });
  } catch (error) {
    if (error instanceof LockBusy) throw new Failure<RelayStartFailure>({ code: "relay-already-running" });
    throw error;
  }
}
