import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import { type RemoteViewer, sessionUrl, type ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createTestTunnels, createTestViewers, noRelays } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { openLogPage } from "../../support/viewer/logPage.js";
import { makeOtherAccount, noOtherAccount, type OtherAccount } from "../../support/otherAccount.js";
import { processesNaming } from "../../support/processes.js";
import { until } from "../../support/until.js";

/** Short, so that the host is asked often. */
const graceSeconds = 6;
const thiefProgram = readFileSync("test/support/viewer/portThief.mjs", "utf8");

let stage: ConnectedHost;
let viewers: Viewers;

beforeAll(async () => {
  // Viewers listen on ports where nothing leads to a socket and a person allowed it.
  stage = await connectHost({ config: ["AllowStreamLocalForwarding no"] });
  const tunnels = createTestTunnels(["in-process"], stage.client.home, {}, undefined, silentLogger, noRelays);
  viewers = createTestViewers(stage.client, graceSeconds, tunnels);
});
afterEach(() => viewers.stopAll());
afterAll(() => stage.dispose());

const start = (remotePort?: number): Promise<ViewerSession> =>
  viewers.start(stage.connection, { environment: stage.train, root: stage.host.root, remotePort });
const viewersThatRun = async (): Promise<string[]> =>
  (await processesNaming(stage.host.root)).map(({ commandLine }) => commandLine);

function remoteOf({ state }: ViewerSession): RemoteViewer {
  if (state.kind !== "running") throw new Error(state.kind);
  return state.remote;
}

function remotePortOf(session: ViewerSession): number {
  const { address } = remoteOf(session);
  if ("socket" in address) throw new Error("it listens on a socket");
  return address.port;
}

/** Who answers behind a session's address. */
async function answererOf(session: ViewerSession): Promise<"thief" | "viewer"> {
  const { headers } = await fetch(new URL("/api/health", sessionUrl(session)));
  return headers.has("x-thief") ? "thief" : "viewer";
}

/** The viewer stops listening and lives on: it waits for a page that follows a log. */
async function closePort(session: ViewerSession): Promise<() => void> {
  const socket = await openLogPage(session);
  process.kill(remoteOf(session).pid, "SIGTERM");
  return () => socket.destroy();
}

describe.skipIf(noOtherAccount)("another account of the host", () => {
  let other: OtherAccount;
  let thief: ChildProcess;
  let said: string[];
  beforeAll(() => {
    other = makeOtherAccount();
  });
  afterAll(() => other.dispose());
  afterEach(() => thief.kill("SIGKILL"));

  async function setThief(order: string): Promise<void> {
    said = [];
    thief = other.start(process.execPath, ["--input-type=module", "-e", thiefProgram]);
    if (thief.stdout) createInterface({ input: thief.stdout }).on("line", (line) => said.push(line));
    thief.stdin?.write(`${order}\n`);
    await until("the other program runs", () => said.includes("ready"));
  }
  const stolen = () => said.filter((line) => line !== "ready").map(Number);

  it("that takes a viewer's port first is not taken for the viewer, which gets another port", async () => {
    await setThief(`steal 1 ${stage.host.root}`);
    const session = await start();
    expect(stolen()).toHaveLength(1);
    expect(stolen()).not.toContain(remotePortOf(session));
    expect(await answererOf(session)).toBe("viewer");
  });

  it("that takes each port first keeps the viewer from starting, and no more than that", async () => {
    await setThief(`steal 100 ${stage.host.root}`);
    await expect(start()).rejects.toMatchObject({ detail: { code: "viewer-exited" } });
    expect(stolen().length).toBeGreaterThan(1);
    expect(viewers.sessions).toEqual([]);
    expect(await viewersThatRun()).toEqual([]);
  });

  it("that takes the port of a viewer that runs on without it ends the session's tunnel", async () => {
    const session = await start();
    const port = remotePortOf(session);
    await setThief(`take ${port}`);
    const release = await closePort(session);
    await until("the port is taken", () => stolen().includes(port));
    await until("the session has failed", () => viewers.get(session.id)?.state.kind === "failed");
    expect(viewers.get(session.id)?.state).toMatchObject({ failure: { code: "viewer-port-lost", port } });
    await expect(fetch(sessionUrl(session) ?? "")).rejects.toThrow();
    const next = createTestViewers(stage.client, graceSeconds);
    await next.adopt(stage.connection);
    expect(next.sessions).toEqual([]);
    expect((await listHostSessions(stage.connection)).sessions).toMatchObject([
      { id: session.id, status: { kind: "port-lost" } },
    ]);
    await viewers.stop(session.id);
    expect(await viewersThatRun()).toEqual([]);
    release();
  });

  it("does not get the port of a viewer that has ended", async () => {
    const session = await start();
    const { pid } = remoteOf(session);
    const port = remotePortOf(session);
    const folder = join(stage.host.home, ".cache", "runicorn-remote", "sessions", session.id);
    process.kill(pid, "SIGKILL");
    await until("its end is known on the host", () => existsSync(join(folder, "exit")));
    await setThief(`take ${port}`);
    await until("the session has failed", () => viewers.get(session.id)?.state.kind === "failed");
    expect(stolen()).toEqual([]);
    await viewers.stop(session.id);
    await until("the port is free", () => stolen().includes(port));
  });
});
