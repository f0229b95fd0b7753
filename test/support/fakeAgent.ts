import { once } from "node:events";
import { createServer } from "node:net";

/** An agent with faults that no real one can be made to have. */
export interface FakeAgent {
  /** Resolves when somebody has asked for a signature. */
  readonly asked: Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param path of its socket.
 * @param publicKey in the form of a `.pub` file: it is listed, and its signature never comes. Undefined: nothing comes.
 */
export async function startFakeAgent(path: string, publicKey?: string): Promise<FakeAgent> {
  let tell: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (tell = resolve));
  const blob = Buffer.from(publicKey?.split(" ")[1] ?? "", "base64");
  const text = (bytes: Buffer): Buffer => Buffer.concat([number(bytes.length), bytes]);
  const list = Buffer.concat([Buffer.from([12]), number(1), text(blob), text(Buffer.from("slow"))]);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (request) => {
      if (request[4] === 11 && publicKey !== undefined) socket.write(text(list));
      if (request[4] === 13) tell();
    });
  });
  server.listen(path);
  await once(server, "listening");
  server.unref();
  return { asked, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
