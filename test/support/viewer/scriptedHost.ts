import { Emitter } from "../../../src/common/async/event.js";
import { Cancelled } from "../../../src/common/failure.js";
import type { SshFailure } from "../../../src/ssh/model/failures.js";
import type { CloseReason, Connection } from "../../../src/ssh/model/connection.js";
import launchScript from "../../../src/viewer/remote/launch.sh";
import leaseScript from "../../../src/viewer/remote/lease.sh";
import listScript from "../../../src/viewer/remote/list.sh";
import readLogScript from "../../../src/viewer/remote/readLog.sh";
import stopScript from "../../../src/viewer/remote/stop.sh";

/** What a viewer asks its host for. */
export type ScriptKind = "launch" | "list" | "stop" | "log" | "lease";

const scripts: readonly (readonly [ScriptKind, string])[] = [
  ["launch", launchScript],
  ["list", listScript],
  ["stop", stopScript],
  ["log", readLogScript],
  ["lease", leaseScript],
];

/** A viewer on the host. */
interface ScriptedViewer {
  /** The state that the real host prints as JSON. */
  readonly state: { readonly id: string; readonly pid: number; readonly machine?: string | undefined };
  exitCode: number | undefined;
}

/** What a connection to a scripted host says when it is lost. */
export const connectionLost: SshFailure = { code: "connection-lost", host: "gpu", port: 22 };

/**
 * A host that answers the scripts of viewers at once, without processes and network: for the faults of a connection, in
 * the moments that a test chooses.
 */
export interface ScriptedHost {
  /** The connection that is open now. */
  readonly connection: Connection;
  /** Whether the last connection was lost and nobody has connected since. */
  isLost: boolean;
  /** The viewers that live there, by session. */
  readonly viewers: ReadonlyMap<string, ScriptedViewer>;
  /** Runs before each script takes effect: it may wait, and what it throws is the fault of the connection. */
  beforeScript: (kind: ScriptKind, sessionId: string) => Promise<void> | void;
  /** The same after it took effect and before its answer arrives. */
  afterScript: (kind: ScriptKind, sessionId: string) => Promise<void> | void;
  /** What a stop says in place of `gone`; the viewer lives on then. */
  stopFailure: string | undefined;
  /** Which machine it is, where it says so: a name may lead to another one, which has nothing of the first. */
  machine: string | undefined;
  /** The viewer ends by itself. */
  crash(sessionId: string, exitCode: number): void;
  /** The connection is lost; the next one is there at once. */
  lose(failure?: SshFailure): void;
}

export function createScriptedHost(name = "gpu"): ScriptedHost {
  const viewers = new Map<string, ScriptedViewer>();
  let lastPid = 1_000;
  let open = createOpen();

  function createOpen(): { readonly connection: Connection; lose(failure: SshFailure): void } {
    const closed = new Emitter<CloseReason>();
    let state: "open" | "closed" = "open";
    const connection: Partial<Connection> = {
      id: `someone@${name}:22`,
      target: { host: name },
      get state() {
        return state;
      },
      onDidClose: closed.event,
      exec: async (_command, { stdin = "", signal } = {}) => {
        const text = Buffer.from(stdin).toString("utf8");
        const [, nonce = ""] = /'<<([0-9a-f]+)'/.exec(text) ?? [];
        const stdout = Buffer.from(`<<${nonce}\n${await answerTo(text)}\n${nonce}>>\n`);
        if (signal?.aborted) throw new Cancelled();
        return { stdout, stderr: Buffer.alloc(0), code: 0, signal: undefined, truncated: false };
      },
      heldShell: {
        run: async (script, { signal } = {}) => {
          const output = Buffer.from(await answerTo(Buffer.from(script).toString("utf8")));
          if (signal?.aborted) throw new Cancelled();
          return { output, stderr: Buffer.alloc(0), code: 0, truncated: false };
        },
      },
    };
    return {
      connection: connection as Connection,
      lose: (failure) => {
        state = "closed";
        closed.fire({ kind: "lost", failure });
      },
    };
  }

  async function answerTo(text: string): Promise<string> {
    const kind = kindOf(text);
    const call = text.slice(text.lastIndexOf("\nmain "));
    const ids = [...call.matchAll(/['"]([0-9a-f]{8})['"]/g)].map(([, id = ""]) => id);
    const named = (kind === "lease" ? ids : ids.slice(0, 1)).join(" ");
    await host.beforeScript(kind, named);
    const answer = effectOf(kind, named, text);
    await host.afterScript(kind, named);
    return answer;
  }

  function effectOf(kind: ScriptKind, id: string, text: string): string {
    switch (kind) {
      case "launch": {
        const state = stateOf(id, (lastPid += 10), text.includes(`"socket":true`));
        const viewer = {
          state: { ...state, machine: host.machine },
          exitCode: undefined,
        };
        viewers.set(id, viewer);
        return `\nrunicorn-remote:${JSON.stringify({ code: "started", ...viewer.state })}`;
      }
      case "list":
        return viewersHere().map(listed).join("") + (host.machine ?? "");
      case "stop":
        if (host.stopFailure !== undefined) return host.stopFailure;
        if (isHere(id)) viewers.delete(id);
        return host.machine === undefined ? "gone" : `gone ${host.machine}`;
      case "log":
        return "0 0\n";
      case "lease":
        return [...id.split(" ").map(leaseOf), `at=${host.machine?.replaceAll(" ", "/") ?? ""}`].join(" ");
    }
  }

  const isHere = (id: string): boolean => viewers.get(id)?.state.machine === host.machine;
  const viewersHere = (): ScriptedViewer[] => [...viewers.values()].filter(({ state }) => isHere(state.id));

  const leaseOf = (id: string): string => {
    const viewer = isHere(id) ? viewers.get(id) : undefined;
    return `${id}=${!viewer ? "gone" : viewer.exitCode === undefined ? "running" : `exited:${viewer.exitCode}`}`;
  };

  const host: ScriptedHost = {
    get connection() {
      return open.connection;
    },
    isLost: false,
    viewers,
    beforeScript: () => undefined,
    afterScript: () => undefined,
    stopFailure: undefined,
    machine: undefined,
    crash: (id, exitCode) => {
      const viewer = viewers.get(id);
      if (viewer) viewer.exitCode = exitCode;
    },
    lose: (failure = connectionLost) => {
      const before = open;
      host.isLost = true;
      open = createOpen();
      before.lose(failure);
    },
  };
  return host;
}

function kindOf(text: string): ScriptKind {
  const found = scripts.find(([, script]) => text.includes(script));
  if (!found) throw new Error("a script that this host does not know");
  return found[0];
}

function stateOf(id: string, pid: number, onSocket: boolean) {
  return {
    id,
    pid,
    startTime: String(pid),
    supervisorPid: pid + 1,
    supervisorStartTime: String(pid),
    ...(onSocket ? { socket: `/tmp/runicorn-viewer-${id}/v` } : { port: 40_000 + (pid % 10_000) }),
    root: "/runs",
    python: "/env/bin/python",
    runicornVersion: "0.7.2",
    environmentName: "train",
    environmentKind: "venv",
    startedAt: 1,
  };
}

function listed({ state, exitCode }: ScriptedViewer): string {
  const status = exitCode === undefined ? "running" : `exited:${exitCode}`;
  return `${state.id}\0${status}\0${0}\0${JSON.stringify(state)}\0`;
}
