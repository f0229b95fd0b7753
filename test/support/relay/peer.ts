import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { CommandResult } from "../../../src/relay/protocol/serverMessages.js";
import { until } from "../until.js";

/*
 * Main servers written from the document alone: they know nothing of the agent's code but the shape of a result.
 */

/** What a main server sends; tests leave out and distort fields. */
export type Frame = Readonly<Record<string, unknown>>;

export interface PeerOptions {
  /** The key that is accepted. Default {@link peerKey}. */
  readonly apiKey?: string;
  readonly port?: number;
  /** What stands before `/proxy` and `/socket.io/`, such as `/relay/v1`. Default: nothing. */
  readonly prefix?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Whether a result is confirmed; a test may take its time. Default: always. */
  readonly confirms?: (id: string) => boolean;
  /** Answers each result by a Socket.IO acknowledgement with these arguments. Default: by none. */
  readonly acknowledgement?: readonly unknown[];
  /** Called when an agent has connected. */
  readonly onAgent?: () => void;
  readonly onResult?: (id: string, result: CommandResult) => void;
  /** Milliseconds between pings, and for their answers: Socket.IO only, where the server pings. */
  readonly pings?: { readonly interval: number; readonly timeout: number };
}

/** A main server that the tests drive. */
export interface Peer {
  readonly transport: "socket.io" | "websocket";
  readonly url: string;
  readonly port: number;
  /** How often an agent connected, and what it said of itself. */
  readonly handshakes: readonly Caller[];
  /** Every result in the order in which it came, repetitions included. */
  readonly results: readonly { readonly id: string; readonly result: CommandResult }[];
  readonly connected: boolean;
  /** Resolves when an agent is there. */
  agent(): Promise<void>;
  /** Sends `execute_command`. */
  execute(frame: Frame): void;
  /** Sends any event. */
  emit(event: string, data: unknown): void;
  /** Sends bytes as they are: a plain WebSocket only. */
  sendRaw(data: string | Buffer): void;
  /** Sends `execute_command` and waits for its result. */
  ask(frame: Frame): Promise<CommandResult>;
  /** The last result of a command, when it is there. */
  resultOf(id: string): CommandResult | undefined;
  /** Cuts the connections of all agents without a word. */
  cut(): void;
  close(): Promise<void>;
}

export const peerKey = "k".repeat(20) + "-for-tests-of-the-relay";

/** Who an agent says that it is. */
export interface Caller {
  readonly proxyId: string;
  readonly apiKey: string;
}

/** One agent's connection, in the terms of its transport. */
export interface Line {
  send(event: string, data: unknown): void;
  sendRaw(data: string | Buffer): void;
  /** Ends it without a word. */
  cut(): void;
}

/** What a transport tells of the agents that come. */
export interface Reception {
  knows(who: Caller): boolean;
  joined(who: Caller, line: Line): void;
  left(line: Line): void;
  /** The data of a `command_result`. */
  result(line: Line, data: unknown): void;
}

/**
 * What both kinds of main server have in common.
 * @param scheme of its URL, without TLS.
 * @param serve answers agents at this server.
 */
export async function startPeer(
  { transport, scheme }: { readonly transport: Peer["transport"]; readonly scheme: "http" | "ws" },
  options: PeerOptions,
  serve: (server: Server, reception: Reception) => void,
): Promise<Peer> {
  const { apiKey = peerKey, confirms = () => true } = options;
  const handshakes: Caller[] = [];
  const results: { id: string; result: CommandResult }[] = [];
  const byId = new Map<string, CommandResult>();
  const lines = new Set<Line>();
  const server = options.tls ? createHttpsServer(options.tls) : createHttpServer();
  serve(server, {
    knows: (who) => who.apiKey === apiKey,
    joined: (who, line) => {
      handshakes.push(who);
      lines.add(line);
      options.onAgent?.();
    },
    left: (line) => lines.delete(line),
    result: (line, data) => {
      const { commandId, result } = data as { commandId: string; result: CommandResult };
      results.push({ id: commandId, result });
      byId.set(commandId, result);
      options.onResult?.(commandId, result);
      if (confirms(commandId)) line.send("command_result_received", { success: true });
    },
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const emit = (event: string, data: unknown): void => {
    for (const line of lines) line.send(event, data);
  };
  const cut = (): void => {
    for (const line of lines) line.cut();
  };
  return {
    transport,
    url: `${scheme}${options.tls ? "s" : ""}://127.0.0.1:${port}${options.prefix ?? ""}`,
    port,
    handshakes,
    results,
    get connected() {
      return lines.size > 0;
    },
    agent: () => until("an agent connects", () => lines.size > 0),
    execute: (frame) => emit("execute_command", frame),
    emit,
    sendRaw: (data) => {
      for (const line of lines) line.sendRaw(data);
    },
    ask: async (frame) => {
      const id = String(frame["commandId"]);
      emit("execute_command", frame);
      await until(`a result of ${id}`, () => byId.has(id), 30_000);
      return byId.get(id) as CommandResult;
    },
    resultOf: (id) => byId.get(id),
    cut,
    close: async () => {
      cut();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
