import { join } from "node:path";
import { Emitter } from "../common/event.js";
import { hostPort } from "../common/hostPort.js";
import { Failure } from "../common/failure.js";
import { type CloseReason, type Connection, endpointId } from "./connection.js";
import { execWith } from "./exec.js";
import type { SshFailure } from "./failures.js";
import type { HeldSsh } from "./heldSsh.js";
import {
  commandMaster,
  forwardThrough,
  type OpensshMaster,
  spawnThrough,
  subsystemThrough,
} from "./opensshChannels.js";
import { createSessions } from "./sessions.js";
import type { SshProgram } from "./sshProgram.js";

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

  const { spawn, subsystem } = createSessions(requireOpen, {
    spawn: (command) => spawnThrough(master, command),
    subsystem: (name) => subsystemThrough(master, name),
  });

  return {
    id: endpointId(endpoint),
    target,
    endpoint,
    openssh,
    get state() {
      return isClosed ? "closed" : "open";
    },
    onDidClose: closed.event,
    exec: (command, options = {}) => execWith(() => spawn(command, options.signal), options, target.host),
    spawn,
    subsystem,
    forward: async (host, port) => {
      requireOpen();
      return forwardThrough(master, host, port);
    },
    listen: async (host, port) => {
      requireOpen();
      const path = join(folder.path, `s${(sockets += 1)}`);
      const forward = `${path}:${hostPort(host, port)}`;
      await commandMaster(master, ["-O", "forward", "-L", forward]);
      return {
        path,
        isAlive: () => ssh.answers(),
        close: async () => {
          if (!isClosed && !closing)
            await commandMaster(master, ["-O", "cancel", "-L", forward]).catch(() => undefined);
        },
      };
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
