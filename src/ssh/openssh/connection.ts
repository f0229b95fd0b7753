import { join } from "node:path";
import { Emitter } from "../../common/async/event.js";
import { Failure } from "../../common/failure.js";
import {
  type CloseReason,
  type Connection,
  endpointId,
  type LocalSocket,
  type RemoteProcess,
  type RemoteProcessEnd,
} from "../model/connection.js";
import { createChannels } from "../channel/channels.js";
import type { SshFailure } from "../model/failures.js";
import { forwardDestination } from "./forwardDestination.js";
import type { HeldSsh } from "./heldSsh.js";
import {
  commandMaster,
  forwardThrough,
  type OpensshMaster,
  spawnThrough,
  subsystemThrough,
} from "./channels.js";
import type { SshProgram } from "../config/sshProgram.js";

export interface HeldMaster {
  readonly ssh: HeldSsh;
  readonly program: SshProgram;
  readonly controlPath: string;
  /** For us alone; goes with the master. */
  readonly folder: { readonly path: string; dispose(): Promise<void> };
}

/** A connection that a master of the system's ssh holds; each channel is a client of that master. */
export function createOpensshConnection(
  held: HeldMaster,
  about: Pick<Connection, "target" | "endpoint" | "openssh"> & { readonly onTheWayTo: string | undefined },
): Connection {
  const { target, endpoint, openssh, onTheWayTo } = about;
  const { ssh, program, controlPath, folder } = held;
  const at = { host: target.host, port: endpoint.port, ...(onTheWayTo !== undefined && { onTheWayTo }) };
  const closed = new Emitter<CloseReason>();
  let isClosed = false;
  let closing = false;
  let sockets = 0;

  const lostFailure = (): Failure<SshFailure> => new Failure<SshFailure>({ code: "connection-lost", ...at });
  const gone = (async () => {
    await ssh.ending;
    isClosed = true;
    closed.fire(closing ? { kind: "closed" } : { kind: "lost", failure: lostFailure().detail });
    await ssh.close();
    await folder.dispose();
  })();
  const requireOpen = (): void => {
    if (closing || isClosed) throw lostFailure();
  };
  const master: OpensshMaster = {
    program,
    controlPath,
    host: target.host,
    lost: async () => (closing || !(await ssh.answers()) ? lostFailure() : undefined),
  };
  const end = async (): Promise<void> => {
    await ssh.close();
    await gone;
  };

  const talkToMaster = async (input: Buffer): Promise<RemoteProcess> => {
    requireOpen();
    const ended = gone.then((): RemoteProcessEnd => ({ kind: "lost", failure: lostFailure() }));
    return talkTo(ssh, input, ended);
  };
  const channels = createChannels(
    target.host,
    requireOpen,
    {
      spawn: (command, feed) => spawnThrough(master, command, feed),
      subsystem: (name) => subsystemThrough(master, name),
    },
    { openShell: talkToMaster },
  );

  return {
    id: endpointId(endpoint),
    target,
    endpoint,
    openssh,
    get state() {
      return isClosed ? "closed" : "open";
    },
    onDidClose: closed.event,
    ...channels,
    forward: async (host, port) => {
      requireOpen();
      return forwardThrough(master, host, port);
    },
    listen: async (to) => {
      requireOpen();
      const path = join(folder.path, `s${(sockets += 1)}`);
      return listenAt(path, forwardDestination(to), { master, ssh, isGone: () => isClosed || closing });
    },
    check: async (milliseconds) => {
      const timer = setTimeout(() => void end(), milliseconds);
      await ssh.answers();
      clearTimeout(timer);
    },
    close: () => {
      closing = true;
      return end();
    },
  };
}

async function listenAt(
  path: string,
  address: string,
  held: { readonly master: OpensshMaster; readonly ssh: HeldSsh; readonly isGone: () => boolean },
): Promise<LocalSocket> {
  const { master, ssh, isGone } = held;
  const forward = `${path}:${address}`;
  await commandMaster(master, ["-O", "forward", "-L", forward]);
  return {
    path,
    isAlive: () => ssh.answers(),
    close: async () => {
      if (!isGone()) await commandMaster(master, ["-O", "cancel", "-L", forward]).catch(() => undefined);
    },
  };
}

/** The shell in which the master's own session ends. */
async function talkTo(
  { streams: { stdin, stdout, stderr } }: HeldSsh,
  input: Buffer,
  ended: Promise<RemoteProcessEnd>,
): Promise<RemoteProcess> {
  stdin.write(input);
  return Promise.resolve({ stdin, stdout, stderr, ended, kill: () => undefined });
}
