import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";

/** Below those that systems give to outgoing connections and to whoever asks for any, and that viewers keep. */
const [first, last] = [10_000, 19_999];

/**
 * A port of 127.0.0.1 that was free a moment ago, for programs that cannot be asked to find one, and for those that come
 * back to theirs: nobody gets it by chance meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, last + 1);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/**
 * Whether this program listens on a port of the loopback. Another one may have got a port that was ours a moment ago, so
 * that a connection to it tells nothing. Linux only.
 */
export async function isOurPort(port: number): Promise<boolean> {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = (await readFile("/proc/net/tcp", "latin1"))
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const listening = sockets.filter(([, local, , state]) => local === address && state === "0A");
  const ours = await Promise.all(
    (await readdir("/proc/self/fd")).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
  );
  return listening.some((fields) => ours.includes(`socket:[${fields[9]}]`));
}
