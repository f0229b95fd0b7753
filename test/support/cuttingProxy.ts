import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a port that can be cut at any moment, and is open again at once. */
export interface CuttingProxy {
  readonly port: number;
  /** Bytes that came back from the port so far. */
  readonly received: number;
  /** How often the client has spoken after the port had: each is a round trip begun. */
  readonly turns: number;
  /** Ends every connection through it, without a goodbye. */
  cut(): void;
  close(): void;
}

/** @param delay milliseconds that every piece takes in each direction. */
export async function startCuttingProxy(toPort: number, delay = 0): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let received = 0;
  let turns = 0;
  let isOurTurn = true;
  const server = createServer((near) => {
    const far = connect(toPort, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on("data", (bytes: Buffer) => {
        if (from === far) received += bytes.length;
        else if (isOurTurn) turns += 1;
        isOurTurn = from === far;
        const pass = (): void => void (to.writable && to.write(bytes));
        if (delay > 0) setTimeout(pass, delay);
        else pass();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get received() {
      return received;
    },
    get turns() {
      return turns;
    },
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
