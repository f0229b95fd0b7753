import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { displayText } from "../common/bytes.js";
import { Emitter, type Event } from "../common/event.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connections } from "../ssh/connections.js";
import type { HostKeyQuestion } from "../ssh/hostKeys.js";
import { unattended } from "../ssh/interaction.js";
import { createAllowedCommands } from "./allowedCommands.js";
import { createAllowedHosts } from "./allowedHosts.js";
import type { AuditLog } from "./auditLog.js";
import { createCommands } from "./commands.js";
import { createDelivery } from "./delivery.js";
import type { Describe, RelayStartFailure } from "./failures.js";
import { readEvent } from "./frames.js";
import { createHostPool } from "./hostPool.js";
import type { Journal } from "./journal.js";
import { keepLinked, type LinkListener, type LinkState, type OpenWire } from "./link.js";
import { defaults, type RelayOptions } from "./options.js";
import { openPlainWebSocket } from "./plainWebSocket.js";
import { createQueue } from "./queue.js";
import { failedResult } from "./result.js";
import { displayUrl, type MainServer } from "./server.js";
import { openSocketIo } from "./socketIo.js";
import { createRecord, type RelayStatus } from "./status.js";

/** Milliseconds in which the main server may confirm the last results of an agent that stops. */
const farewell = 2_000;

/** One agent at work for one main server. */
export interface Agent {
  readonly status: RelayStatus;
  readonly onDidChange: Event<void>;
  /** A host's key is not known: the command that met it was refused, and a person may trust it for the next one. */
  readonly onUnknownHostKey: Event<HostKeyQuestion>;
  /** Ends what runs, tells the server of it where it can be reached, and closes every connection. */
  stop(): Promise<void>;
}

export interface AgentParts {
  readonly server: MainServer;
  readonly journal: Journal;
  /** A pool of the agent's own: what a person has open is not lent to a server. */
  readonly connections: Connections;
  readonly audit: AuditLog;
  readonly describe: Describe;
  readonly logger: Logger;
}

/** @throws Failure with a `RelayStartFailure`. */
export async function startAgent(options: RelayOptions, parts: AgentParts): Promise<Agent> {
  const { server, journal, connections, audit, describe, logger } = parts;
  const limits = { ...defaults.limits, ...options.limits };
  const { keepCommands = false } = options;
  const allowedHosts = createAllowedHosts(options.allowedHosts);
  const isAllowedCommand = createAllowedCommands(options.allowedCommands ?? []);
  const open = await opener(server, options);

  const changed = new Emitter<void>();
  const unknownHostKey = new Emitter<HostKeyQuestion>();
  const onError = (error: unknown): void =>
    logger.error(`relay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const record = createRecord();
  const queue = createQueue(limits);
  const pool = createHostPool({
    connections,
    interaction: {
      ...unattended,
      confirmHostKey: (question) => {
        if (options.acceptedHostKeys?.includes(question.key.fingerprint)) return Promise.resolve("trust");
        unknownHostKey.fire(question);
        return Promise.resolve("refuse");
      },
    },
    idleTime: options.idleTime ?? defaults.idleTime,
  });
  const delivery = createDelivery({
    journal,
    gone: failedResult({ code: "relay-output-gone" }, describe),
    onResent: () => (record.counters.resent += 1),
    onError,
  });
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
    onEnded: ({ id, about, fate, result, milliseconds }) => {
      delivery.deliver(id, result);
      const command = keepCommands ? about?.command : undefined;
      const { exitCode } = result;
      record.ended({ id, host: about?.host ?? "", fate, exitCode, at: Date.now(), milliseconds, command });
      const { host = "", port, user } = about ?? {};
      void audit.write({ id, host, port, user, fate, exitCode, milliseconds, command });
      changed.fire();
    },
    onError,
  });

  const { queued, begun } = journal.unfinished();
  const neverBegun = failedResult({ code: "relay-never-begun" }, describe);
  const interrupted = failedResult({ code: "relay-interrupted" }, describe);
  await Promise.all([
    ...queued.map((id) => journal.finish(id, neverBegun)),
    ...begun.map((id) => journal.finish(id, interrupted)),
  ]);

  let link: LinkState = { kind: "connecting" };
  let grace: NodeJS.Timeout | undefined;
  const onState = (state: LinkState): void => {
    link = state;
    logger.info(`relay: ${state.kind}${state.kind === "waiting" ? ` (${state.problem})` : ""}`);
    if (state.kind === "connected") {
      clearTimeout(grace);
      grace = undefined;
    } else {
      grace ??= setTimeout(() => {
        logger.warn("relay: the main server stays away; commands are ended");
        commands.cancelAll("server-away").catch(onError);
      }, options.graceTime ?? defaults.graceTime);
    }
    changed.fire();
  };

  const listener: LinkListener = {
    onEvent: (event, data) => {
      const incoming = readEvent(event, data);
      switch (incoming.kind) {
        case "command":
        case "malformed":
          commands.receive(incoming);
          break;
        case "acknowledged":
          delivery.acknowledged(incoming.id, incoming.success, "event");
          changed.fire();
          break;
        case "unusable":
          logger.warn(`relay: dropped an event that is not understood: ${displayText(event.slice(0, 64))}`);
      }
    },
    onNoise: () => logger.warn("relay: dropped a frame that is not understood"),
    onAcknowledged: (id, success) => {
      delivery.acknowledged(id, success, "callback");
      changed.fire();
    },
  };

  const unlink = new AbortController();
  const linked = keepLinked(
    {
      open,
      listener,
      onState,
      onWire: (wire) => delivery.useWire(wire),
      interval: options.reconnectInterval ?? defaults.reconnectInterval,
    },
    unlink.signal,
  );

  return {
    get status() {
      return {
        url: displayUrl(server),
        proxyId: server.proxyId,
        transport: server.transport,
        link,
        counters: { ...record.counters },
        running: queue.running,
        waiting: queue.waiting,
        unacknowledged: journal.unacknowledged().size,
        connections: pool.size,
        latency: record.latency,
        recent: record.recent,
      };
    },
    onDidChange: changed.event,
    onUnknownHostKey: unknownHostKey.event,
    stop: async () => {
      await commands.cancelAll("stopped");
      // A Socket.IO server drops what it reads together with the goodbye: sent is not received.
      await delivery.settled(farewell);
      clearTimeout(grace);
      unlink.abort();
      await linked;
      // What arrived meanwhile is answered in the journal.
      await commands.cancelAll("stopped");
      clearTimeout(grace);
      await pool.closeAll();
    },
  };
}

async function opener(server: MainServer, { caFile, heartbeat }: RelayOptions): Promise<OpenWire> {
  const ca = caFile === undefined ? undefined : [...rootCertificates, await readCertificates(caFile)];
  const wireOptions = { ca, heartbeat: heartbeat ?? defaults.heartbeat };
  const openWire = server.transport === "websocket" ? openPlainWebSocket : openSocketIo;
  return (listener, signal) => openWire(server, wireOptions, listener, signal);
}

async function readCertificates(file: string): Promise<string> {
  const invalid = (reason: string): Failure<RelayStartFailure> =>
    new Failure<RelayStartFailure>({ code: "relay-ca-unreadable", file, reason });
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw invalid(error instanceof Error && "code" in error ? String(error.code) : "unreadable");
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw invalid("no certificate in it");
  return text;
}
