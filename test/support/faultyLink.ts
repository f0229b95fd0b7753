import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { freePort } from "./ports.js";

/** A way to a local server that fails as networks do. */
export interface FaultyLink {
  readonly port: number;
  /** Bytes vanish in both directions, and nothing says so; new connections are accepted and stay silent. */
  blackHole(): void;
  /** The server's side is closed, and the client never hears of it. */
  halfOpen(): void;
  /** Every second chunk, by chance, takes this many milliseconds longer; the order stays. */
  delay(milliseconds: number): void;
  /** Resets every connection. */
  cut(): void;
  /** New connections are refused, as where no server runs. */
  refuse(): void;
  /** Takes them again, on the same port. */
  accept(): Promise<void>;
  /** Works as it should from now on, for new connections; what vanished stays lost. */
  heal(): void;
  /** Connections that were accepted so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

export async function openFaultyLink(target: number): Promise<FaultyLink> {
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  const swallowed = new WeakSet<Socket>();
  let isHole = false;
  let extra = 0;
  let accepted = 0;

  const relay = (from: Socket, to: Socket): void => {
    let due = 0;
    from.on("data", (chunk) => {
      if (swallowed.has(from)) return;
      // None overtakes another.
      due = Math.max(due, Date.now() + (extra > 0 && Math.random() < 0.5 ? extra : 0));
      const deliver = (): void => {
        if (!swallowed.has(from) && !to.destroyed) to.write(chunk);
      };
      if (due <= Date.now()) deliver();
      else setTimeout(deliver, due - Date.now());
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      if (!swallowed.has(from)) to.destroy();
    });
  };

  const server = createServer({ noDelay: true }, (client) => {
    accepted += 1;
    sockets.add(client);
    client.once("close", () => sockets.delete(client));
    client.on("error", () => undefined);
    if (isHole) {
      swallowed.add(client);
      return;
    }
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    upstreams.add(upstream);
    upstream.once("close", () => upstreams.delete(upstream));
    relay(client, upstream);
    relay(upstream, client);
  }).listen(await freePort(), "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const swallowAll = (): void => {
    for (const socket of [...sockets, ...upstreams]) swallowed.add(socket);
  };
  return {
    port,
    blackHole: () => {
      isHole = true;
      swallowAll();
    },
    halfOpen: () => {
      swallowAll();
      for (const upstream of upstreams) upstream.destroy();
    },
    delay: (milliseconds) => (extra = milliseconds),
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    refuse: () => void server.close(),
    accept: async () => {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    heal: () => {
      isHole = false;
      extra = 0;
    },
    get accepted() {
      return accepted;
    },
    close: async () => {
      const closed = server.listening ? once(server, "close") : undefined;
      server.close();
      for (const socket of [...sockets, ...upstreams]) socket.destroy();
      await closed;
    },
  };
}
