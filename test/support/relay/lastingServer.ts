import type { CommandResult } from "../../../src/relay/protocol/serverMessages.js";
import { until } from "../until.js";
import type { Frame, Peer, PeerOptions } from "./peer.js";

/**
 * A main server that wants a result of every command: whatever is open is asked for again whenever an agent connects,
 * every frame twice and in any order.
 */
export interface LastingServer {
  readonly url: string;
  readonly port: number;
  /** Results that came more than once included. */
  readonly received: number;
  execute(...frames: readonly Frame[]): void;
  resultOf(id: string): CommandResult | undefined;
  /** Ends without a goodbye, and stands on the same port again. */
  die(): Promise<void>;
  agent(): Promise<void>;
  /** Resolves when every command has its result. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds after which what has no result is asked for again: a frame may have been lost without a sign. */
const patience = 2_000;

export async function startLastingServer(
  startPeer: (options: PeerOptions) => Promise<Peer>,
  options: PeerOptions = {},
): Promise<LastingServer> {
  const open = new Map<string, Frame>();
  const results = new Map<string, CommandResult>();
  let received = 0;
  const send = (frames: readonly Frame[]): void => {
    for (const frame of shuffled([...frames, ...frames])) peer.execute(frame);
  };
  const start = (port?: number): Promise<Peer> =>
    startPeer({
      ...options,
      ...(port !== undefined && { port }),
      onAgent: () => send([...open.values()]),
      onResult: (id, result) => {
        received += 1;
        open.delete(id);
        results.set(id, result);
      },
    });
  let peer = await start();
  return {
    url: peer.url,
    port: peer.port,
    get received() {
      return received;
    },
    execute: (...frames) => {
      for (const frame of frames) open.set(String(frame["commandId"]), frame);
      send(frames);
    },
    resultOf: (id) => results.get(id),
    die: async () => {
      const { port } = peer;
      await peer.close();
      peer = await start(port);
    },
    agent: () => peer.agent(),
    settled: async () => {
      while (open.size > 0) {
        await until("every result", () => open.size === 0, patience).catch(() => send([...open.values()]));
      }
    },
    close: () => peer.close(),
  };
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
