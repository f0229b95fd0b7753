import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A way to a local server that carries no more than so much: what is too much waits where it comes from. */
export interface SlowLink {
  readonly port: number;
  close(): Promise<void>;
}

/** @param speed bytes per millisecond, from the server. */
export async function openSlowLink(target: number, speed: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    void carry(upstream, client, speed).catch(() => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function carry(from: Socket, to: Socket, speed: number): Promise<void> {
  for await (const chunk of from as AsyncIterable<Buffer>) {
    to.write(chunk);
    if (chunk.length > speed) await delay(chunk.length / speed);
  }
  to.end();
}
