import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";

/** The socket beneath a WebSocket: what travels over it does not matter, only that it holds the connection. */
export async function openWebSocket(url: URL): Promise<Duplex> {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
  };
  const [, socket, head] = (await once(request(url, { headers }).end(), "upgrade")) as [
    unknown,
    Duplex,
    Buffer,
  ];
  socket.unshift(head);
  socket.on("error", () => undefined);
  return socket;
}
