import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { Failure, orCancelled } from "../common/failure.js";
import type { Endpoint } from "../ssh/model/connection.js";
import type { SshFailure } from "../ssh/model/failures.js";
import type { OwnFinding } from "./findings.js";

/** Milliseconds for a name, for a TCP connection and for the first line of the server. */
const patience = 10_000;
/** Bytes that a server may send before its identification (RFC 4253, section 4.2). */
const longestGreeting = 8_192;
/** Characters of what it said instead. */
const longestSaid = 200;

/** @returns the addresses of the name. @throws Failure `host-not-found`, or Cancelled. */
export async function findName({ host, port }: Endpoint, signal: AbortSignal): Promise<string> {
  const found = await orCancelled(lookup(host, { all: true }), signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new Failure<SshFailure>({ code: "host-not-found", host, port });
  });
  return found.map(({ address }) => address).join(", ");
}

/** @returns an open socket, which the caller ends. @throws Failure with an `SshFailure`, or Cancelled. */
export async function openTcp({ host, port }: Endpoint, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  const opened = new Promise<Socket>((resolve, reject) => {
    socket.setTimeout(patience, () =>
      reject(new Failure<SshFailure>({ code: "connect-timed-out", seconds: patience / 1000, host, port })),
    );
    socket.once("connect", () => resolve(socket));
    socket.on("error", (error: NodeJS.ErrnoException) => reject(failureOf(error, host, port)));
  });
  try {
    return await orCancelled(opened, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function failureOf({ code = "" }: NodeJS.ErrnoException, host: string, port: number): Failure<SshFailure> {
  if (code === "ECONNREFUSED") return new Failure<SshFailure>({ code: "connection-refused", host, port });
  if (code === "ETIMEDOUT") {
    return new Failure<SshFailure>({ code: "connect-timed-out", seconds: patience / 1000, host, port });
  }
  if (code === "ENOTFOUND") return new Failure<SshFailure>({ code: "host-not-found", host, port });
  return new Failure<SshFailure>({ code: "network-unreachable", host, port });
}

/**
 * Reads the identification of the server, as `SSH-2.0-OpenSSH_9.2p1`. Lines may stand before it.
 * @throws Failure `wrong-banner`, `connect-timed-out` where it says nothing, `disconnected`, or Cancelled.
 */
export async function readBanner(
  socket: Socket,
  { host, port }: Endpoint,
  signal: AbortSignal,
): Promise<string> {
  let heard = "";
  const read = new Promise<string>((resolve, reject) => {
    const wrong = (): Failure<OwnFinding> =>
      new Failure<OwnFinding>({ code: "wrong-banner", host, port, said: heard.trim().slice(0, longestSaid) });
    socket.setTimeout(patience, () => {
      const silent: SshFailure = { code: "connect-timed-out", seconds: patience / 1000, host, port };
      reject(heard === "" ? new Failure<SshFailure>(silent) : wrong());
    });
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      const [banner] = /^SSH-(?:2\.0|1\.99)-[^\r\n]*(?=\r?\n)/m.exec(heard) ?? [];
      if (banner !== undefined) resolve(banner);
      else if (heard.length > longestGreeting) reject(wrong());
    });
    socket.once("close", () => {
      if (heard.trim() !== "") reject(wrong());
      else reject(new Failure<SshFailure>({ code: "disconnected", reason: "", host, port }));
    });
  });
  // A web server waits for a request before it says anything.
  socket.write("SSH-2.0-RunicornRemote\r\n");
  return orCancelled(read, signal);
}
