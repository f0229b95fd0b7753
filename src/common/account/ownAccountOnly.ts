import type { Server } from "node:http";
import { type AddressInfo, isIPv4, type Socket } from "node:net";
import {
  type ConnectionTable,
  type Endpoint,
  type IsEnough,
  readConnectionTable,
  type WhichSockets,
} from "./connectionTable.js";

/*
 * The loopback is open to every account of a machine, and servers of ours need no login. Linux tells whose program stands
 * at the other end of a connection: only those of our own account are let in.
 */

/** The table is read in pieces, and a row may be missed between two: then it is read again. */
const tries = 3;
/** Milliseconds in which a program that is refused may read why, and how many may at once. */
const lingering = 1_000;
const mostLingering = 1_024;
const reason = "Programs of other accounts are refused";

/** What a program of another account reads, beside the status 403 and its reason. */
export interface Refusal {
  readonly type: string;
  readonly body: (reason: string) => string;
}

/** As {@link readConnectionTable}. */
export type ReadTable = (which: WhichSockets, isEnough?: IsEnough) => Promise<ConnectionTable | undefined>;

export interface AdmitOptions {
  /** Default: what this system says. */
  readonly readTable?: ReadTable | undefined;
  /** Connections that are let in at once. Those of other accounts take no place of them. Default: any number. */
  readonly places?: number;
  /** Hears of each connection that is refused, which may stay a moment. */
  readonly onRefused?: (socket: Socket) => void;
}

/**
 * Lets only programs of our own account talk to a server, which is not to listen yet. Whose a connection is, is found out
 * before a byte of it is used; where that cannot be found out, it is refused.
 * @param refusal says why, without having read what was asked.
 * @returns once the server listens: false where this system does not tell whose connections are, so that all are let in.
 */
export function admitOwnAccountOnly(
  server: Server,
  refusal: Refusal,
  { readTable = readConnectionTable, places = Infinity, onRefused }: AdmitOptions = {},
): Promise<boolean> {
  const uid = process.geteuid?.();
  const readAnew = {
    all: shared((isEnough) => readTable("all", isEnough)),
    ipv4: shared((isEnough) => readTable("ipv4", isEnough)),
    ipv6: shared((isEnough) => readTable("ipv6", isEnough)),
  };
  const isTold = new Promise<void>((resolve) => server.once("listening", resolve)).then(async () => {
    if (uid === undefined) return false;
    return (await readTable("all"))?.isListening(server.address() as AddressInfo, uid) ?? false;
  });
  const isAdmitted = async (socket: Socket): Promise<boolean> =>
    !(await isTold) || (await ownerOf(socket, (which, isEnough) => readAnew[which](isEnough))) === uid;

  let taken = 0;
  const admit = (socket: Socket): void => {
    if (taken >= places) return void socket.destroy();
    taken += 1;
    socket.once("close", () => (taken -= 1));
    for (const listener of admitted) listener.call(server, socket);
  };

  const refuse = createRefuser(refusal);
  const admitted = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const drop = (): unknown => socket.destroy();
    socket.on("error", drop);
    void isAdmitted(socket).then((yes) => {
      if (!yes) {
        onRefused?.(socket);
        return refuse(socket);
      }
      socket.off("error", drop);
      if (!socket.destroyed) admit(socket);
    }, drop);
  });
  return isTold;
}

async function ownerOf(
  { remoteAddress, remotePort, localAddress, localPort }: Socket,
  readTable: (which: WhichSockets, isEnough: IsEnough) => Promise<ConnectionTable | undefined>,
): Promise<number | undefined> {
  const peer = endpoint(remoteAddress, remotePort);
  const here = endpoint(localAddress, localPort);
  if (!peer || !here) return undefined;
  for (let left = tries; left > 0; left -= 1) {
    // An IPv6 socket may lead to an IPv4 one, but hardly ever does.
    const usual: WhichSockets = isIPv4(peer.address) ? "ipv4" : "ipv6";
    const which: WhichSockets = left === tries ? usual : "all";
    const isEnough: IsEnough = (rows) => rows.ownerOf(peer, here) !== undefined;
    const owner = (await readTable(which, isEnough))?.ownerOf(peer, here);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** One reading serves all who asked before it began, and goes on until all have enough: many at once cost few readings. */
function shared<T>(read: (isEnough: IsEnough) => Promise<T>): (isEnough: IsEnough) => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: { readonly sought: IsEnough[]; readonly reading: Promise<T> } | undefined;
  const begin = () => {
    const sought: IsEnough[] = [];
    const reading = running.then(() => {
      next = undefined;
      let left = sought;
      const present = read((rows) => {
        left = left.filter((isEnough) => !isEnough(rows));
        return left.length === 0;
      });
      running = present.catch(() => undefined);
      return present;
    });
    return { sought, reading };
  };
  return (isEnough) => {
    next ??= begin();
    next.sought.push(isEnough);
    return next.reading;
  };
}

function createRefuser({ type, body }: Refusal): (socket: Socket) => void {
  const bytes = Buffer.from(body(reason));
  const head = [
    `HTTP/1.1 403 ${reason}`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  const answer = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]);
  let waiting = 0;
  return (socket) => {
    if (waiting >= mostLingering) return void socket.destroy();
    waiting += 1;
    socket.once("close", () => (waiting -= 1));
    socket.end(answer);
    // What comes meanwhile is thrown away: who closes with something unread takes the answer back. Who comes again and
    // again is held up by it.
    socket.resume();
    setTimeout(() => socket.destroy(), lingering).unref();
  };
}
