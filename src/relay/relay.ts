import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Emitter, type Event } from "../common/event.js";
import { Cancelled, Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { acquireWriterLock, type WriterLock } from "../common/writerLock.js";
import type { Connections } from "../ssh/connections.js";
import type { HostKeyQuestion } from "../ssh/hostKeys.js";
import { type Agent, startAgent } from "./agent.js";
import { createAuditLog } from "./auditLog.js";
import type { Describe, RelayStartFailure } from "./failures.js";
import { openJournal } from "./journal.js";
import type { RelayOptions } from "./options.js";
import { checkMainServer, displayUrl, type MainServer } from "./server.js";
import type { RelayStatus } from "./status.js";

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
}

/** Milliseconds in which another window that is about to end may let go of the journal. */
const lockPatience = 2_000;

export function createRelay({ dataFolder, createConnections, describe, logger }: RelayPorts): Relay {
  const folder = join(dataFolder, "relay");
  const changed = new Emitter<void>();
  const unknownHostKey = new Emitter<HostKeyQuestion>();
  const audit = createAuditLog(join(folder, "audit.log"), (error) =>
    logger.error(`relay: the audit log could not be written: ${String(error)}`),
  );
  let current: { readonly agent: Agent; readonly end: () => Promise<void> } | undefined;
  // One start or stop after the other.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const stop = async (): Promise<void> => {
    if (!current) return;
    await current.end().finally(() => (current = undefined));
    changed.fire();
  };

  const start = async (options: RelayOptions): Promise<void> => {
    const server = checkMainServer(options.server);
    await stop();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${journalName(server)}.journal`);
    const lock = await lockJournal(`${file}.lock`);
    const connections = createConnections();
    const journal = await openJournal({ file, apiKey: server.apiKey }).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    const release = async (): Promise<void> => {
      await journal.close();
      await lock.release();
    };
    try {
      const agent = await startAgent(options, { server, journal, connections, audit, describe, logger });
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
    start: (options) => inTurn(() => start(options)),
    stop: () => inTurn(stop),
  };
}

/** Commands are numbered by the server for one proxy: each pair has a journal of its own. */
function journalName(server: MainServer): string {
  return createHash("sha256")
    .update(JSON.stringify([displayUrl(server), server.proxyId]))
    .digest("hex")
    .slice(0, 16);
}

async function lockJournal(file: string): Promise<WriterLock> {
  try {
    return await acquireWriterLock(file, AbortSignal.timeout(lockPatience));
  } catch (error) {
    if (error instanceof Cancelled) throw new Failure<RelayStartFailure>({ code: "relay-already-running" });
    throw error;
  }
}
