import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Connection } from "../../src/ssh/model/connection.js";
import type { Interaction } from "../../src/ssh/model/interaction.js";
import type { PythonEnvironment } from "../../src/environments/environment.js";
import { type ViewerSession, sessionUrl } from "../../src/viewer/session/session.js";
import type { Viewers } from "../../src/viewer/viewers.js";
import {
  createTestClient,
  createTestTunnels,
  createTestViewers,
  type TestClient,
} from "../support/client.js";
import { environmentNamed } from "../support/connectedHost.js";
import { type FaultyLink, openFaultyLink } from "../support/faultyLink.js";
import { processesIn, processesNaming, type RunningProcess } from "../support/processes.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { isOurPort } from "../support/ports.js";
import { until } from "../support/until.js";
import type { Fault } from "./fault.js";

/** Seconds that a viewer lives without a client where a test waits for its end, or for more than that. */
export const shortGrace = 6;
/** Where the client comes back: a busy machine takes its time. */
const longGrace = 180;

/** A host behind a link that can fail, and a client of it. */
export interface World {
  readonly host: HostHome;
  readonly sshd: Sshd;
  readonly link: FaultyLink;
  readonly client: TestClient;
  readonly viewers: Viewers;
  readonly environment: PythonEnvironment;
  connect(person?: Interaction): Promise<Connection>;
  /** A running viewer on the host. */
  start(): Promise<ViewerSession>;
  /** What runs on the host for its user, our helpers included. */
  processes(): Promise<RunningProcess[]>;
  /** What is left of us: nothing, when all is well. */
  leftovers(): Promise<string[]>;
  dispose(): Promise<void>;
}

/** Makes one. Silent servers are noticed within three seconds here, so that the tests need not wait for it. */
export async function makeWorld({ graceSeconds = longGrace, hostEnvironment }: Fault): Promise<World> {
  const host = await makeHostHome();
  const sshd = await startSshd({ home: host.home, environment: (await hostEnvironment?.()) ?? {} });
  const link = await openFaultyLink(sshd.port);
  const client = await createTestClient();
  await writeFile(
    join(client.home, ".ssh", "config"),
    "Host *\n  ServerAliveInterval 1\n  ServerAliveCountMax 2\n  ConnectTimeout 5\n",
  );
  const viewers = createTestViewers(
    client,
    graceSeconds,
    createTestTunnels(["openssh", "in-process"], client.home),
  );
  const connectToIt = (person?: Interaction): Promise<Connection> =>
    client.connectTo({ ...sshd, port: link.port }, person);
  const environment = await environmentNamed("train", await connectToIt());
  const folder = join(host.home, ".cache", "runicorn-remote");
  const sockets = watchSockets(join(folder, "sessions"));
  return {
    host,
    sshd,
    link,
    client,
    viewers,
    environment,
    connect: connectToIt,
    start: async () => viewers.start(await connectToIt(), { environment, root: host.root }),
    processes: () => processesIn(host.home),
    leftovers: async () => {
      // What sshd was asked to run is on its way before it is ours.
      const beginning = await processesNaming(join(sshd.folder, "run-command"));
      const ours = (await processesIn(host.home)).filter(({ commandLine }) =>
        /runicorn viewer|supervisor\.py|runicorn-remote/.test(commandLine),
      );
      const files = existsSync(folder) ? await readdir(folder, { recursive: true }).catch(() => []) : [];
      return [...[...beginning, ...ours].map(({ commandLine }) => commandLine), ...sockets.left(), ...files];
    },
    dispose: async () => {
      sockets.dispose();
      await viewers.stopAll().catch(() => undefined);
      await client.dispose();
      await link.close();
      await sshd.stop();
      await host.dispose();
    },
  };
}

/** The folders of sockets that sessions of this host have had, also those of a start that came to nothing. */
function watchSockets(sessions: string): { left(): string[]; dispose(): void } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const id of existsSync(sessions) ? readdirSync(sessions) : []) {
      const named = join(sessions, id, "socket");
      if (existsSync(named)) seen.add(dirname(readFileSync(named, "utf8").trim()));
    }
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch {
      // It was removed meanwhile.
    }
  }, 50);
  return {
    left: () => [...seen].filter((path) => path.includes("runicorn-viewer-") && existsSync(path)),
    dispose: () => clearInterval(timer),
  };
}

export function stateOf({ viewers }: World, { id }: ViewerSession): string | undefined {
  return viewers.get(id)?.state.kind;
}

/** Whether the viewer's page answers through the local port, as a browser would find it. */
export async function answers(session: ViewerSession): Promise<boolean> {
  try {
    const url = new URL("/api/health", sessionUrl(session));
    return (await fetch(url, { signal: AbortSignal.timeout(3_000) })).ok;
  } catch {
    return false;
  }
}

export function remotePid({ state }: ViewerSession): number {
  return state.kind === "running" ? state.remote.pid : 0;
}

/** Waits until the host has heard of its client once more: until it has at all, a viewer stays for half a minute only. */
export async function untilLeaseIsRenewed(world: World, { id }: ViewerSession): Promise<void> {
  const state = join(world.host.home, ".cache", "runicorn-remote", "sessions", id, "state.json");
  const { mtimeMs } = await stat(state);
  await until("its lease is renewed", async () => (await stat(state)).mtimeMs > mtimeMs, 60_000);
}

/** Waits until the session does not run any more. To be called before: it may come back faster than anybody looks. */
export async function untilNoticed(world: World, session: ViewerSession): Promise<void> {
  let isNoticed = false;
  const heard = world.viewers.onDidChange(() => {
    isNoticed ||= stateOf(world, session) !== "running";
  });
  try {
    await until("it is noticed", () => isNoticed);
  } finally {
    heard.dispose();
  }
}

/** Waits until the same viewer runs again on the same local port. @returns milliseconds that it took. */
export async function untilBack(world: World, session: ViewerSession): Promise<number> {
  const since = Date.now();
  await until(
    "the session is back",
    async () => stateOf(world, session) === "running" && (await answers(session)),
    40_000,
  ).catch((error: unknown) => {
    throw new Error(JSON.stringify(world.viewers.get(session.id)?.state), { cause: error });
  });
  const now = world.viewers.get(session.id);
  if (!now || remotePid(now) !== remotePid(session)) throw new Error("it is another process");
  return Date.now() - since;
}

/** Nobody is there any more. @returns milliseconds until nothing was left on the host. */
export async function untilNothingIsLeft(world: World): Promise<number> {
  const since = Date.now();
  await until("nothing is left on the host", async () => (await world.leftovers()).length === 0, 30_000);
  return Date.now() - since;
}

/** Ends the session and waits until nothing of it is left on the host and its port is free here. */
export async function endCleanly(world: World, session: ViewerSession): Promise<void> {
  const port = session.state.kind === "running" ? session.state.localPort : undefined;
  if (port !== undefined && !(await isOurPort(port))) throw new Error("its local port is not there");
  await world.viewers.stop(session.id);
  await until("nothing is left on the host", async () => (await world.leftovers()).length === 0);
  if (port !== undefined && (await isOurPort(port))) throw new Error("its local port is still there");
}

/** A pause that is part of a fault, not of a wait. */
export function outage(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
