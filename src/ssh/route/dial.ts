import { connect as connectSocket, type Socket } from "node:net";
import type { Endpoint } from "../model/connection.js";

/** Opens the socket with TCP_NODELAY: with Nagle's algorithm, every second small request waits 40 ms. */
export function dialSocket(
  { host, port }: Pick<Endpoint, "host" | "port">,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, noDelay: true });
    const onAbort = (): void => void socket.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}
