import { connect } from "node:net";
import { userInfo } from "node:os";
import type { Duplex } from "node:stream";
import { Emitter } from "../../common/async/event.js";
import { Failure } from "../../common/failure.js";
import { createChannels } from "../channel/channels.js";
import { type CloseReason, type Connection, endpointId } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import { thisMachine } from "../model/thisMachine.js";
import { type LocalConnectionOptions, type LocalProcess, startProcess } from "./startProcess.js";

const { host } = thisMachine;

/** A connection to this machine. It is never lost; closing it ends what runs through it, as a hangup would. */
export function createLocalConnection(options: LocalConnectionOptions): Connection {
  const closed = new Emitter<CloseReason>();
  const running = new Set<LocalProcess>();
  let isOpen = true;
  const endpoint = { host, port: 0, user: userInfo().username };

  const requireOpen = (): void => {
    if (!isOpen) throw new Failure<SshFailure>({ code: "connection-lost", host, port: endpoint.port });
  };
  const channels = createChannels(host, requireOpen, {
    spawn: async (command, feed) => {
      const process = await startProcess(command, options, feed);
      running.add(process);
      void process.over.then(() => running.delete(process));
      return process;
    },
    subsystem: (name) => Promise.reject(refused(`there is no subsystem ${name} on this machine`)),
  });

  return {
    id: endpointId(endpoint),
    target: thisMachine,
    endpoint,
    local: { home: options.home },
    openssh: { kind: "impossible", reason: "it is this machine" },
    get state() {
      return isOpen ? "open" : "closed";
    },
    onDidClose: closed.event,
    ...channels,
    forward: async (toHost, toPort) => {
      requireOpen();
      return openSocket({ host: toHost, port: toPort });
    },
    forwardSocket: async (path) => {
      requireOpen();
      return openSocket({ path });
    },
    check: () => Promise.resolve(),
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      const ending = [...running];
      for (const process of ending) process.kill();
      await Promise.all(ending.map(({ over }) => over));
      closed.fire({ kind: "closed" });
    },
  };
}

function refused(reason: string): Failure<SshFailure> {
  return new Failure<SshFailure>({ code: "channel-refused", host, reason });
}

function openSocket(
  to: { readonly host: string; readonly port: number } | { readonly path: string },
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true, allowHalfOpen: true });
    socket.once("error", ({ message }) => reject(refused(message)));
    socket.once("connect", () => {
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
