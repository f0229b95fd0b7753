import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pause } from "../common/async/pause.js";
import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { SshFailure } from "../ssh/model/failures.js";
import { type HeldSsh, startHeldSsh } from "../ssh/openssh/heldSsh.js";
import { hostKeyVerdict, writeOpensshFiles } from "../ssh/openssh/configuration.js";
import { makePrivateFolder, systemRefusal } from "../ssh/openssh/privateFolder.js";
import { destinationOptions, type SshProgram } from "../ssh/config/sshProgram.js";
import { forwardDestination } from "../ssh/openssh/forwardDestination.js";
import type { RemoteAddress } from "../ssh/model/remoteAddress.js";
import type { Forwarder } from "./forwarder.js";
import { createForwarderEnd } from "./forwarderEnd.js";
import type { TunnelFailure } from "./failures.js";

export type OpensshStart =
  | { readonly kind: "forwarder"; readonly forwarder: Forwarder }
  /** Another backend may be tried; `reason` is for the log. */
  | { readonly kind: "unable"; readonly reason: string };

/**
 * Carries in a system `ssh` of its own, which reaches the same host with the same key, jump hosts and trust as the
 * connection. It listens where nobody else gets: a socket in a private folder, on Windows a port on 127.0.0.1.
 * @throws Failure `tunnel-host-key-refused`, after which no other backend may be tried; Cancelled.
 */
export async function openOpensshForwarder(
  program: SshProgram,
  connection: Connection,
  remote: RemoteAddress,
  signal?: AbortSignal,
): Promise<OpensshStart> {
  const opensshRoute = connection.openssh;
  if (opensshRoute.kind === "impossible") return { kind: "unable", reason: opensshRoute.reason };
  const host = opensshRoute.hosts.at(-1);
  if (!host) return { kind: "unable", reason: "the way to the host is not known" };
  if (opensshRoute.hosts.some((one) => one.isReachedOnce))
    return { kind: "unable", reason: "the ProxyCommand on the way runs once for a connection" };
  // Our ssh would bind the same ports, and take them from the user's own.
  if (host.hasForwards) return { kind: "unable", reason: "the configuration has forwards of its own" };
  const made = await makePrivateFolder();
  if (made.kind === "unable") return made;
  const { folder } = made;
  try {
    const configuration = await writeOpensshFiles(opensshRoute.hosts, folder.path, program);
    if (configuration === undefined) return await unable("a path cannot be written into a configuration");
    const local = process.platform === "win32" ? await freeLocalPort() : join(folder.path, "s");
    const args = [
      ...["-T", "-F", configuration, "-L", forwardOption(local, remote)],
      ...destinationOptions(host.target),
      ...["--", host.target.host, "exec cat"],
    ];
    const start = await startHeldSsh(program.command, args, {
      environment: program.environment,
      signal,
    });
    if (start.kind === "running") {
      return {
        kind: "forwarder",
        forwarder: forwarderOn(start.ssh, local, connection, () => folder.dispose()),
      };
    }
    if (hostKeyVerdict.test(start.said)) {
      throw new Failure<TunnelFailure>({
        code: "tunnel-host-key-refused",
        host: connection.target.host,
        output: start.said,
        isRevoked: /revoked/i.test(start.said),
      });
    }
    return await unable(start.said);
  } catch (error) {
    await folder.dispose();
    const refusal = systemRefusal(error);
    if (refusal === undefined) throw error;
    return { kind: "unable", reason: refusal };
  }

  async function unable(reason: string): Promise<OpensshStart> {
    await folder.dispose();
    return { kind: "unable", reason };
  }
}

function forwardOption(local: string | number, remote: RemoteAddress): string {
  const from = typeof local === "string" ? local : `127.0.0.1:${local}`;
  return `${from}:${forwardDestination(remote)}`;
}

function forwarderOn(
  ssh: HeldSsh,
  local: string | number,
  connection: Connection,
  removeFolder: () => Promise<void>,
): Forwarder {
  const end = createForwarderEnd(connection, async () => {
    await ssh.close();
    await removeFolder();
  });
  const { host } = connection.target;
  const lost: SshFailure = { code: "connection-lost", host, port: connection.endpoint.port };
  if (connection.state === "closed") void end.come(lost);
  void ssh.ending.then(() => end.come(lost));
  return {
    backend: "openssh",
    get isOpen() {
      return !end.hasCome;
    },
    connect: () => connectOrEnd(local, () => end.come(lost)),
    // When ssh dies, the kernel closes its forwarded sockets first, with a clean FIN, and its pipes only afterwards.
    isEndReal: () => ssh.answers(),
    onDidClose: end.onDidClose,
    close: () => end.come(undefined),
  };
}

/** Milliseconds for ssh to accept connections that wait in the backlog of its socket. */
const backlogLimit = 30_000;
/** Milliseconds between two tries while the backlog is full. */
const backlogPause = 20;

/**
 * Opens one stream. If nothing listens any more, because something removed the socket from the temporary folder, ends
 * the forwarder.
 */
export async function connectOrEnd(local: string | number, end: () => Promise<void>): Promise<Duplex> {
  for (const startedAt = performance.now(); ;) {
    try {
      return await connectLocal(local);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "ECONNREFUSED") void end();
      // unix(7): connect() to a Unix socket does not wait for a place in its backlog, which is 128 for ssh.
      const isFull = code === "EAGAIN" && performance.now() - startedAt < backlogLimit;
      if (!isFull) throw error;
      await pause(backlogPause);
    }
  }
}

function connectLocal(local: string | number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const address = typeof local === "string" ? { path: local } : { host: "127.0.0.1", port: local };
    const socket: Socket = connect({ ...address, allowHalfOpen: true, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** Another program may take it before ssh does (then ssh reports that and exits). */
async function freeLocalPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
