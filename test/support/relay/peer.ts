import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { CommandResult } from "../../../src/relay/frames.js";
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
  readonly handshakes: { readonly proxyId: string; readonly apiKey: string }[];
  /** Every result in the order in which it came, repetitions included. */
  readonly results: { readonly id: string; readonly result: CommandResult }[];
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

/** What both kinds of main server have in common. */
export function createLedger({ onResult }: PeerOptions) {
  const handshakes: Peer["handshakes"] = [];
  const results: Peer["results"] = [];
  const byId = new Map<string, CommandResult>();
  return {
    handshakes,
    results,
    note: (data: unknown): string => {
      const { commandId, result } = data as { commandId: string; result: CommandResult };
      results.push({ id: commandId, result });
      byId.set(commandId, result);
      onResult?.(commandId, result);
      return commandId;
    },
    resultOf: (id: string) => byId.get(id),
    wait: async (id: string): Promise<CommandResult> => {
      await until(`a result of ${id}`, () => byId.has(id), 30_000);
      return byId.get(id) as CommandResult;
    },
  };
}

export async function listen(options: PeerOptions): Promise<{ server: Server; port: number }> {
  const server = options.tls ? createHttpsServer(options.tls) : createHttpServer();
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}
