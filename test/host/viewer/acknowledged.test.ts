import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../src/common/failure.js";
import { runScript, runShortScript } from "../../../src/ssh/channel/script.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { stopViewer } from "../../../src/viewer/remote/hostSessions.js";
import { launchViewer } from "../../../src/viewer/remote/launchViewer.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { type CuttingProxy, startCuttingProxy } from "../../support/cuttingProxy.js";
import { freePort } from "../../support/ports.js";
import { processesIn } from "../../support/processes.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** Has a viewer stop, as SIGSTOP does, at the moment in which it can be connected to and has not answered. */
const stopsAtListen = `
import os, signal, socket, sys
if b"viewer" in open("/proc/self/cmdline", "rb").read().split(b"\\0"):
    # It would listen without asking this module.
    sys.modules["uvloop"] = None
    listen = socket.socket.listen
    def listen_and_stop(self, *backlog):
        listen(self, *backlog)
        os.kill(os.getpid(), signal.SIGSTOP)
    socket.socket.listen = listen_and_stop
`;

/** Has a Python take long before it begins with the program that it was given. */
const beginsLate = `
import time
if b"-c" in open("/proc/self/cmdline", "rb").read().split(b"\\0"):
    time.sleep(5)
`;

/** Has a viewer take long before it begins. */
const answersLate = `
import time
if b"viewer" in open("/proc/self/cmdline", "rb").read().split(b"\\0"):
    time.sleep(5)
`;

let stage: ConnectedHost;
let lastSession = 0;

beforeAll(async () => {
  stage = await connectHost();
  await makeChangedEnvironment("stopping", stopsAtListen);
  await makeChangedEnvironment("late", beginsLate);
  await makeChangedEnvironment("slow", answersLate);
  await mkdir(stage.host.root, { recursive: true });
});
afterAll(() => stage.dispose());

/** @param change what its Python runs first. */
async function makeChangedEnvironment(name: string, change: string): Promise<void> {
  const folder = join(stage.host.home, "venvs", name);
  await makeEnvironment(folder, runicornVersions.newest);
  const [library = ""] = await pythonFoldersOf(folder);
  await writeFile(join(library, "runs_first.py"), change);
  await writeFile(join(library, "runs_first.pth"), "import runs_first\n");
}

async function pythonFoldersOf(environment: string): Promise<string[]> {
  const versions = await readdir(join(environment, "lib"));
  return versions.map((version) => join(environment, "lib", version, "site-packages"));
}

const pythonOf = (environment: string): string =>
  join(stage.host.home, "venvs", environment, "bin", "python");
const nextSession = (): string => (0xac000000 + (lastSession += 1)).toString(16);
const launch = (
  environment: string,
  signal: AbortSignal,
  confirmSeconds?: number,
  connection = stage.connection,
  sessionId = nextSession(),
  graceSeconds = 600,
) =>
  launchViewer(
    connection,
    {
      sessionId,
      python: pythonOf(environment),
      environmentName: environment,
      root: stage.host.root,
      createRoot: false,
      listensOn: { port: undefined },
      graceSeconds,
      ...(confirmSeconds !== undefined && { confirmSeconds }),
      facts: { environmentName: environment, environmentKind: "venv", startedAt: 1 },
    },
    signal,
  );

const ours = async () =>
  (await processesIn(stage.host.home)).filter(({ commandLine }) =>
    /runicorn viewer|supervisor\.py|runicorn-remote:/.test(commandLine),
  );
const untilNothingIsLeft = () => until("nothing of it is left", async () => (await ours()).length === 0);

/** The viewer that has stopped, once launch.py is connected to it and waits for its answer. */
async function viewerAsked(): Promise<number> {
  let found = 0;
  await until("the viewer is asked", async () => {
    const viewer = (await ours()).find(({ commandLine }) => commandLine.includes("runicorn viewer"));
    if (!viewer) return false;
    found = viewer.pid;
    const [, port = 0] = /--port (\d+)/.exec(viewer.commandLine) ?? [];
    const hex = Number(port).toString(16).toUpperCase().padStart(4, "0");
    const connections = await readFile("/proc/net/tcp", "utf8");
    return new RegExp(`0100007F:[0-9A-F]{4} 0100007F:${hex} 01 `).test(connections);
  });
  return found;
}

describe("a start", () => {
  beforeEach(untilNothingIsLeft);

  it("that is cancelled while the viewer gives its first answer leaves nothing behind", async () => {
    const cancel = new AbortController();
    const launching = launch("stopping", cancel.signal);
    launching.catch(() => undefined);
    const viewer = await viewerAsked();
    cancel.abort();
    await expect(launching).rejects.toBeInstanceOf(Cancelled);
    // What comes later on the same connection is dealt with later: the channel of the start is closed then.
    await runScript(stage.connection, "main() { :; }", []);
    process.kill(viewer, "SIGCONT");
    await untilNothingIsLeft();
  });

  it("that is killed before the viewer answers leaves nothing behind", async () => {
    const launching = launch("stopping", new AbortController().signal);
    launching.catch(() => undefined);
    await viewerAsked();
    const starts = (await ours()).filter(({ commandLine }) => commandLine.includes("runicorn-remote:"));
    expect(starts.length).toBeGreaterThan(0);
    for (const { pid } of starts) process.kill(pid, "SIGKILL");
    await expect(launching).rejects.toThrow();
    await untilNothingIsLeft();
  });

  it("that a stop finds before it has begun is ended", async () => {
    const id = nextSession();
    const launching = launch("late", new AbortController().signal, undefined, stage.connection, id);
    launching.catch(() => undefined);
    await until("its program is there", async () => (await ours()).length > 0);
    expect(await stopViewer(stage.connection, id, undefined)).toEqual({ kind: "gone" });
    await expect(launching).rejects.toThrow();
    expect(await ours()).toEqual([]);
  });

  describe("in the shell that is held, where the server has no other place,", () => {
    let server: Sshd;
    let link: CuttingProxy;
    let connection: Connection;
    beforeEach(async () => {
      server = await startSshd({ home: stage.host.home, config: ["MaxSessions 1"] });
      link = await startCuttingProxy(server.port);
      connection = await stage.client.connectTo({ ...server, port: link.port });
      await runShortScript(connection, "main() { :; }", []);
    });
    afterEach(async () => {
      await connection.close();
      link.close();
      await server.stop();
    });

    it("whose link is lost ends by itself", async () => {
      const launching = launch("stopping", new AbortController().signal, undefined, connection);
      launching.catch(() => undefined);
      const viewer = await viewerAsked();
      link.cut();
      await expect(launching).rejects.toMatchObject({ detail: { code: "connection-lost" } });
      process.kill(viewer, "SIGCONT");
      await untilNothingIsLeft();
    });

    it("whose link is lost is undone over the next connection", async () => {
      const viewers = createTestViewers(stage.client);
      const environment = { ...stage.train, python: pythonOf("stopping") };
      const starting = viewers.start(connection, {
        environment,
        root: stage.host.root,
        remotePort: await freePort(),
      });
      starting.catch(() => undefined);
      await viewerAsked();
      link.cut();
      await expect(starting).rejects.toMatchObject({ detail: { code: "connection-lost" } });
      expect(await ours()).toEqual([]);
      expect(viewers.sessions).toEqual([]);
    });
  });

  it("may take longer than the lease of a viewer", async () => {
    const { signal } = new AbortController();
    const outcome = await launch("slow", signal, undefined, stage.connection, nextSession(), 2);
    expect(outcome).toMatchObject({ kind: "started" });
    await untilNothingIsLeft();
  });

  it("without an acknowledgement ends, and with one continues", async () => {
    const outcome = await launch("train", new AbortController().signal, 2);
    expect(outcome).toMatchObject({ kind: "started" });
    await untilNothingIsLeft();
    const viewers = createTestViewers(stage.client);
    await launch("train", new AbortController().signal, 4);
    await viewers.adopt(stage.connection);
    expect(viewers.sessions).toHaveLength(1);
    const begun = Date.now();
    await until("the time for it is over", () => Date.now() - begun > 6_000);
    expect((await ours()).length).toBeGreaterThan(0);
    await viewers.stopAll();
    await untilNothingIsLeft();
  });
});
