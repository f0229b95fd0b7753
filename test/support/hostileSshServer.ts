import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";

/** What a server that means no good does; the rest it does as an honest one would. */
export interface Hostility {
  /** Takes the connection over before a word of SSH is said. */
  readonly raw?: (socket: Socket) => void;
  /** Takes anybody, by default. */
  readonly authenticate?: (context: AuthContext, client: Connection, socket: Socket) => void;
  /** Meets each client that is logged in. */
  readonly onReady?: (client: Connection, socket: Socket) => void;
  /** Serves a command. By default it ends at once, without a word. */
  readonly exec?: (channel: ServerChannel, command: string) => void;
  /** Serves a subsystem, byte by byte. By default there is none. */
  readonly subsystem?: (channel: ServerChannel, name: string) => void;
  /** Shows every second client another host key. */
  readonly switchesKeys?: boolean;
}

export interface HostileServer {
  readonly port: number;
  stop(): void;
}

export async function startHostileServer(hostility: Hostility): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const servers = [hostKey(), hostKey()].map((key) => new ssh2.Server({ hostKeys: [key] }));
  let met = 0;
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    if (hostility.raw) {
      hostility.raw(socket);
      return;
    }
    const server = servers[hostility.switchesKeys ? met % 2 : 0] as ssh2.Server;
    met += 1;
    server.once("connection", (client) => serve(client, socket, hostility));
    server.injectSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    stop: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function hostKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

function serve(client: Connection, socket: Socket, hostility: Hostility): void {
  client.on("error", () => undefined);
  client.on("authentication", (context) => {
    if (hostility.authenticate) hostility.authenticate(context, client, socket);
    else context.accept();
  });
  client.on("ready", () => hostility.onReady?.(client, socket));
  client.on("session", (acceptSession) => {
    const session = acceptSession();
    session.on("exec", (accept, _reject, { command }) => {
      const channel = accept();
      channel.on("error", () => undefined);
      if (hostility.exec) {
        hostility.exec(channel, command);
        return;
      }
      channel.exit(0);
      channel.end();
    });
    session.on("subsystem", (accept, reject, { name }) => {
      if (!hostility.subsystem) {
        reject();
        return;
      }
      const channel = accept();
      channel.on("error", () => undefined);
      hostility.subsystem(channel, name);
    });
  });
}

/** Writes the same over and over, as fast as the other side takes it. */
export function writeForEver(stream: NodeJS.WritableStream, chunk: Buffer): void {
  stream.on("error", () => undefined);
  const more = (): void => {
    while (stream.writable) {
      if (stream.write(chunk)) continue;
      stream.once("drain", more);
      return;
    }
  };
  more();
}

/** Bytes that wait to be sent before the network is waited for. */
const queue = 4 * 1024 * 1024;

/** Sends over and over, as fast as the network takes it: no window and no reader is asked. */
export function repeat(socket: Socket, send: () => void): void {
  const more = (): void => {
    for (let count = 0; count < 500 && socket.writableLength < queue; count += 1) send();
    if (!socket.destroyed) setImmediate(more);
  };
  more();
}

interface Insides {
  readonly _protocol: {
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number;
        alloc(size: number): Buffer;
        finalize(packet: Buffer): Buffer;
      };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
  };
}

/** Sends a packet as it is, which ssh2 itself would never send. */
export function sendPacket(client: Connection, payload: Buffer): void {
  const { _packetRW, _cipher } = (client as unknown as Insides)._protocol;
  const packet = _packetRW.write.alloc(payload.length);
  packet.set(payload, _packetRW.write.allocStart);
  _cipher.encrypt(_packetRW.write.finalize(packet));
}

/** Lets a channel send more than its window allows: whoever is on the other side never said that it may. */
export function ignoreWindow(channel: ServerChannel): void {
  const { outgoing } = channel as unknown as { readonly outgoing: object };
  Object.defineProperty(outgoing, "window", { get: () => Number.MAX_SAFE_INTEGER, set: () => undefined });
}

/** A text as SSH and SFTP write it. */
export function sshString(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
