import type { Server } from "node:http";
import { type AddressInfo, isIPv4, type Socket } from "node:net";
import { type ConnectionTable, type Endpoint, readConnectionTable } from "./connectionTable.js";

/*
 * The loopback is open to every account of a machine, and servers of ours need no login. Linux tells whose program stands
 * at the other end of a connection: only those of our own account are let in.
 */

/** The table is read in pieces, and a row may be missed between two: then it is read again. */
const tries = 3;
/** Milliseconds in which a program that is refused may read why. */
const lingering = 1_000;
const reason = "Programs of other accounts are refused";

/** What a program of another account reads, beside the status 403 and its reason. */
export interface Refusal {
  readonly type: string;
  readonly body: (reason: string) => string;
}

/** Undefined where the system has no such table. */
export type ReadTable = (which: "all" | "ipv4") => Promise<ConnectionTable | undefined>;

/**
 * Lets only programs of our own account talk to a server, which is not to listen yet. Whose a connection is, is found out
 * before a byte of it is used; where that cannot be found out, it is refused.
 * @param refusal says why, without having read what was asked.
 * @returns once the server listens: false where this system does not tell whose connections are, so that all are let in.
 */
export function admitOwnAccountOnly(
  server: Server,
  refusal: Refusal,
  readTable: ReadTable = readConnectionTable,
): Promise<boolean> {
  const uid = process.geteuid?.();
  const readAnew = { all: shared(() => readTable("all")), ipv4: shared(() => readTable("ipv4")) };
  const isTold = new Promise<void>((resolve) => server.once("listening", resolve)).then(async () => {
    if (uid === undefined) return false;
    return (await readTable("all"))?.isListening(server.address() as AddressInfo, uid) ?? false;
  });
  const isAdmitted = async (socket: Socket): Promise<boolean> =>
    !(await isTold) || (await ownerOf(socket, (which) => readAnew[which]())) === uid;

  const admitted = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const drop = (): unknown => socket.destroy();
    socket.on("error", drop);
    void isAdmitted(socket).then((yes) => {
      if (!yes) return refuse(socket, refusal);
      socket.off("error", drop);
      if (!socket.destroyed) for (const admit of admitted) admit.call(server, socket);
    }, drop);
  });
  return isTold;
}

async function ownerOf(
  { remoteAddress, remotePort, localAddress, localPort }: Socket,
  readTable: ReadTable,
): Promise<number | undefined> {
  const peer = endpoint(remoteAddress, remotePort);
  const here = endpoint(localAddress, localPort);
  if (!peer || !here) return undefined;
  for (let left = tries; left > 0; left -= 1) {
    // An IPv6 socket may lead to an IPv4 one, but hardly ever does.
    const which: "all" | "ipv4" = left === tries && isIPv4(peer.address) ? "ipv4" : "all";
    const owner = (await readTable(which))?.ownerOf(peer, here);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** One reading serves all who asked before it began: many connections at once cost few readings. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  return () => {
    waiting ??= running.then(() => {
      waiting = undefined;
      const reading = read();
      running = reading.catch(() => undefined);
      return reading;
    });
    return waiting;
  };
}

function refuse(socket: Socket, { type, body }: Refusal): void {
  const bytes = Buffer.from(body(reason));
  const head = [
    `HTTP/1.1 403 ${reason}`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]));
  // What comes meanwhile is thrown away: who closes with something unread takes the answer back.
  socket.resume();
  setTimeout(() => socket.destroy(), lingering).unref();
}
