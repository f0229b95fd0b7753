import { rootCertificates } from "node:tls";
import { Emitter, type Event } from "../common/async/event.js";
import { Failure } from "../common/failure.js";
import { errorCodeOf } from "../common/files/errorCode.js";
import { readOwnFile } from "../common/files/ownFiles.js";
import type { Logger } from "../common/logger.js";
import type { Connections } from "../ssh/connections.js";
import type { HostKeyQuestion } from "../ssh/model/hostKeys.js";
import { type Interaction, unattended } from "../ssh/model/interaction.js";
import { createAllowedCommands } from "./command/allowedCommands.js";
import { createAllowedHosts } from "./command/allowedHosts.js";
import type { AuditLog } from "./auditLog.js";
import { type Commands, createCommands, type Ended } from "./command/commands.js";
import { createDelivery, type Delivery } from "./delivery.js";
import type { Describe, RelayStartFailure } from "./protocol/failures.js";
import { idText } from "./protocol/serverMessages.js";
import { createHostPool, type HostPool } from "./command/hostPool.js";
import type { Journal } from "./journal/journal.js";
import { createListener } from "./listener.js";
import { type LinkWatch, watchLink } from "./linkWatch.js";
import { keepLinked, type LinkListener, type OpenWire } from "./wire/link.js";
import { defaults, type RelayOptions } from "./options.js";
import { openPlainWebSocket } from "./wire/plainWebSocket.js";
import { createQueue, type Queue } from "./command/queue.js";
import { failedResult } from "./command/result.js";
import { displayUrl, type MainServer } from "./wire/server.js";
import { openSocketIo } from "./wire/socketIo.js";
import { type ProxyVariables, proxyFor } from "./wire/httpProxy.js";
import { createRecord, type RelayRecord, type RelayStatus } from "./status.js";

/** Milliseconds in which the main server may confirm the last results of an agent that stops. */
const farewell = 2_000;

/** One agent at work for one main server. */
export interface Agent {
  readonly status: RelayStatus;
  readonly onDidChange: Event<void>;
  /** An unknown host key: the command was refused, and the user may trust the key for the next one. */
  readonly onUnknownHostKey: Event<HostKeyQuestion>;
  /** Stops all commands, reports them to the server if it can be reached, and closes every connection. */
  stop(): Promise<void>;
}

export interface AgentParts {
  readonly server: MainServer;
  readonly journal: Journal;
  /** A separate pool: the user's own connections are never used for a server's commands. */
  readonly connections: Connections;
  readonly audit: AuditLog;
  readonly describe: Describe;
  readonly logger: Logger;
  /** Names the HTTP proxy on the way, if any. */
  readonly environment: ProxyVariables;
}

/** @throws Failure with a `RelayStartFailure`. */
export async function startAgent(options: RelayOptions, parts: AgentParts): Promise<Agent> {
  const { server, journal, describe, logger } = parts;
  const allowedHosts = createAllowedHosts(options.allowedHosts);
  const isAllowedCommand = createAllowedCommands(options.allowedCommands ?? []);
  const open = await opener(server, options, parts.environment);

  const changed = new Emitter<void>();
  const unknownHostKey = new Emitter<HostKeyQuestion>();
  const onError = (error: unknown): void =>
    logger.error(`relay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const record = createRecord();
  const limits = { ...defaults.limits, ...options.limits };
  const queue = createQueue(limits);
  const pool = createPool(options, parts.connections, (question) => unknownHostKey.fire(question));
  const delivery = createDelivery({
    journal,
    gone: failedResult({ code: "relay-output-gone" }, describe),
    onResent: () => (record.counters.resent += 1),
    onError,
  });
  const noteEnded = createNoteEnded(record, parts.audit, options.keepCommands ?? false);
  const commands = createCommands({
    journal,
    queue,
    pool,
    allowedHosts,
    isAllowedCommand,
    timeLimit: options.timeLimit ?? defaults.timeLimit,
    outputLimit: options.outputLimit ?? defaults.outputLimit,
    waitingLimit: limits.waiting,
    describe,
    onReceived: () => {
      record.counters.received += 1;
      changed.fire();
    },
    onRepeated: (id) => void delivery.deliverAgain(id).catch(onError),
    onEnded: (ended) => {
      delivery.deliver(ended.id, ended.result);
      noteEnded(ended);
      changed.fire();
    },
    onError,
  });
  await answerUnfinished(journal, describe);
  const link = watchLink({
    graceTime: options.graceTime ?? defaults.graceTime,
    onAway: () => void commands.cancelAll("server-away").catch(onError),
    onDidChange: () => changed.fire(),
    logger,
  });
  const listener = createListener({ commands, delivery, onAcknowledged: () => changed.fire(), logger });
  const unlink = linkTo(open, listener, { link, delivery, options });
  return {
    get status() {
      return { ...about(server), link: link.state, ...countsOf({ record, queue, journal, pool }) };
    },
    onDidChange: changed.event,
    onUnknownHostKey: unknownHostKey.event,
    stop: () => stopAgent({ commands, delivery, link, unlink, pool }),
  };
}

/** A pool that never asks: an unknown host key is refused unless it is on the list of accepted keys. */
function createPool(
  { acceptedHostKeys, idleTime = defaults.idleTime }: RelayOptions,
  connections: Connections,
  onUnknownHostKey: (question: HostKeyQuestion) => void,
): HostPool {
  const interaction: Interaction = {
    ...unattended,
    confirmHostKey: (question) => {
      if (acceptedHostKeys?.includes(question.key.fingerprint)) return Promise.resolve("trust");
      onUnknownHostKey(question);
      return Promise.resolve("refuse");
    },
  };
  return createHostPool({ connections, interaction, idleTime });
}

/** Counts a command that ended, and writes it into the audit log. */
function createNoteEnded(record: RelayRecord, audit: AuditLog, keepCommands: boolean) {
  return ({ id, about, fate, result: { exitCode }, milliseconds }: Ended): void => {
    const command = keepCommands ? about?.command : undefined;
    const { host = "", port, user } = about ?? {};
    const shown = idText(id);
    record.ended({ id: shown, host, fate, exitCode, at: Date.now(), milliseconds, command });
    void audit.write({ id: shown, host, port, user, fate, exitCode, milliseconds, command });
  };
}

/** Answers commands that a previous agent left unfinished. */
async function answerUnfinished(journal: Journal, describe: Describe): Promise<void> {
  const { queued, begun } = journal.unfinished();
  const neverBegun = failedResult({ code: "relay-never-begun" }, describe);
  const interrupted = failedResult({ code: "relay-interrupted" }, describe);
  await Promise.all([
    ...queued.map((id) => journal.finish(id, neverBegun)),
    ...begun.map((id) => journal.finish(id, interrupted)),
  ]);
}

/** Keeps a connection to the main server open. @returns a function that closes it, and resolves when it is closed. */
function linkTo(
  open: OpenWire,
  listener: LinkListener,
  parts: { readonly link: LinkWatch; readonly delivery: Delivery; readonly options: RelayOptions },
): () => Promise<void> {
  const unlink = new AbortController();
  const linked = keepLinked(
    {
      open,
      listener,
      onState: (state) => parts.link.note(state),
      onWire: (wire) => parts.delivery.useWire(wire),
      interval: parts.options.reconnectInterval ?? defaults.reconnectInterval,
    },
    unlink.signal,
  );
  return async () => {
    unlink.abort();
    await linked;
  };
}

interface RunningParts {
  readonly commands: Commands;
  readonly delivery: Delivery;
  readonly link: LinkWatch;
  readonly unlink: () => Promise<void>;
  readonly pool: HostPool;
}

async function stopAgent({ commands, delivery, link, unlink, pool }: RunningParts): Promise<void> {
  await commands.cancelAll("stopped");
  // A Socket.IO server drops packets that it reads together with the disconnect packet: sent does not mean received.
  await delivery.settled(farewell);
  link.dispose();
  await unlink();
  // Commands that arrived meanwhile have their answers in the journal.
  await commands.cancelAll("stopped");
  await pool.closeAll();
}

function about(server: MainServer): Pick<RelayStatus, "url" | "proxyId" | "transport"> {
  return { url: displayUrl(server), proxyId: server.proxyId, transport: server.transport };
}

function countsOf(parts: {
  readonly record: RelayRecord;
  readonly queue: Queue;
  readonly journal: Journal;
  readonly pool: HostPool;
}): Omit<RelayStatus, "url" | "proxyId" | "transport" | "link"> {
  const { record, queue, journal, pool } = parts;
  return {
    counters: { ...record.counters },
    running: queue.running,
    waiting: queue.waiting,
    unacknowledged: journal.unacknowledged().size,
    connections: pool.size,
    latency: record.latency,
    recent: record.recent,
  };
}

async function opener(
  server: MainServer,
  { caFile, heartbeat }: RelayOptions,
  environment: ProxyVariables,
): Promise<OpenWire> {
  const ca = caFile === undefined ? undefined : [...rootCertificates, await readCertificates(caFile)];
  const proxy = proxyFor(server.url, environment);
  const wireOptions = { ca, proxy, heartbeat: heartbeat ?? defaults.heartbeat };
  const openWire = server.transport === "websocket" ? openPlainWebSocket : openSocketIo;
  return (listener, signal) => openWire(server, wireOptions, listener, signal);
}

async function readCertificates(file: string): Promise<string> {
  const invalid = (reason: string): Failure<RelayStartFailure> =>
    new Failure<RelayStartFailure>({ code: "relay-ca-unreadable", file, reason });
  let text: string;
  try {
    text = (await readOwnFile(file)).toString("utf8");
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw invalid(errorCodeOf(error) ?? "unreadable");
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw invalid("no certificate in it");
  return text;
}
