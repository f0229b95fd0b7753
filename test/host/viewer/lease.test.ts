import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { listHostSessions, stopViewer } from "../../../src/viewer/remote/hostSessions.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers, type TestClient } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { processesIn } from "../../support/processes.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { until } from "../../support/until.js";

const graceSeconds = 6;

let stage: ConnectedHost;
let host: HostHome;
let client: TestClient;
let connection: Connection;
let viewers: Viewers;

beforeAll(async () => {
  stage = await connectHost();
  ({ host, client, connection } = stage);
  viewers = createTestViewers(client, graceSeconds);
});
afterAll(async () => {
  await viewers.stopAll();
  await stage.dispose();
});

const sessionsFolder = () => join(host.home, ".cache", "runicorn-remote", "sessions");
const start = (): Promise<ViewerSession> =>
  viewers.start(connection, { environment: stage.train, root: host.root });
const viewersOfHost = async (): Promise<string[]> =>
  (await processesIn(host.home))
    .map(({ commandLine }) => commandLine)
    .filter((line) => /runicorn viewer/.test(line));

/** A folder of a session that nobody looks after, with these facts in it. */
async function leaveBehind(id: string, facts: Record<string, unknown>): Promise<string> {
  const folder = join(sessionsFolder(), id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // As Python writes it.
  await writeFile(join(folder, "state.json"), JSON.stringify(facts).replaceAll('":', '": '));
  return folder;
}

const bootId = async (): Promise<string> =>
  (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();

describe("a lease", () => {
  it("that nobody renews ends the viewer, and everything of it", async () => {
    await start();
    await viewers.leave();
    await until(
      "nothing is left",
      async () => (await viewersOfHost()).length === 0 && !existsSync(sessionsFolder()),
    );
  });

  it("is not needed by a viewer that is kept, which the next client finds and may stop", async () => {
    const session = await start();
    const unaware = createTestViewers(client, graceSeconds);
    await unaware.adopt(connection);
    await viewers.keep(session.id);
    await viewers.leave();
    const state = join(sessionsFolder(), session.id, "state.json");
    const { mtimeMs } = await stat(state);
    await until("the other client renews its lease", async () => (await stat(state)).mtimeMs > mtimeMs);
    await unaware.leave();
    await new Promise((resolve) => setTimeout(resolve, (graceSeconds + 1) * 1000));
    expect(await viewersOfHost()).toHaveLength(1);
    await viewers.adopt(connection);
    const adopted = viewers.get(session.id);
    expect(adopted).toMatchObject({ kept: true, root: host.root, state: { kind: "running" } });
    await viewers.stop(session.id);
    expect(await viewersOfHost()).toEqual([]);
  });

  it("is needed again by a viewer that is not kept any longer", async () => {
    const session = await start();
    await viewers.keep(session.id);
    await viewers.keep(session.id, false);
    expect(viewers.get(session.id)).toMatchObject({ kept: false, state: { kind: "running" } });
    await viewers.leave();
    await until("nothing is left", async () => (await viewersOfHost()).length === 0);
  });

  it("is renewed by two clients; a stop by one is seen by the other", async () => {
    const session = await start();
    const other = createTestViewers(client, graceSeconds);
    await other.adopt(connection);
    expect(other.get(session.id)?.state.kind).toBe("running");
    await viewers.stop(session.id);
    await until("the other client knows", () => other.sessions.length === 0);
    expect(await viewersOfHost()).toEqual([]);
  });
});

describe("closing with viewers to stop", () => {
  it("leaves a viewer that another window shows to the last window, and keeps a kept one", async () => {
    const otherWindow = spawn("sleep", ["1000"]);
    const other = createTestViewers(client, graceSeconds, undefined, otherWindow.pid);
    const shared = await start();
    await other.adopt(connection);
    const [kept] = await Promise.all([start(), start()]);
    await viewers.keep(kept.id);
    await viewers.stopLast();
    expect(viewers.sessions).toEqual([]);
    expect((await listHostSessions(connection)).sessions.map(({ id }) => id)).toEqual(
      [shared.id, kept.id].sort(),
    );
    await other.stopLast();
    expect((await listHostSessions(connection)).sessions.map(({ id }) => id)).toEqual([kept.id]);
    await viewers.adopt(connection);
    await viewers.stop(kept.id);
    otherWindow.kill();
  });
});

describe("the log of a viewer", () => {
  it("is moved aside when it is long, and goes on", async () => {
    const session = await start();
    const log = join(sessionsFolder(), session.id, "viewer.log");
    await appendFile(log, `${"x".repeat(1023)}\n`.repeat(9 * 1024));
    await until("it is moved aside", () => existsSync(`${log}.1`));
    await until("it begins anew", async () => (await stat(log)).size < 1024 * 1024);
    await appendFile(log, "after\n");
    const { text } = await viewers.readLog(session.id);
    expect(text).toContain("after\n");
    await viewers.stop(session.id);
    expect(existsSync(sessionsFolder())).toBe(false);
  });
});

describe("what is found on a host", () => {
  it("of another boot is removed when nothing was heard of it for a week", async () => {
    const folder = await leaveBehind("0badb007", { id: "0badb007", bootId: "of another boot" });
    await listHostSessions(connection);
    expect(existsSync(folder)).toBe(true);
    const longAgo = new Date(Date.now() - 8 * 86_400_000);
    await utimes(join(folder, "state.json"), longAgo, longAgo);
    expect((await listHostSessions(connection)).sessions).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it("with a reused pid is removed, without touching that process", async () => {
    const stranger = spawn("sleep", ["1000"]);
    const pid = stranger.pid ?? 0;
    const folder = await leaveBehind("0badb1d0", { id: "0badb1d0", bootId: await bootId(), pid });
    await writeFile(join(folder, "viewer"), `${pid} 12345\n`);
    await writeFile(join(folder, "supervisor"), `${pid} 12345\n`);
    expect((await listHostSessions(connection)).sessions).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    const identity = { pid, startTime: "12345" };
    const remote = { ...identity, supervisor: identity, address: { port: 1 }, runicornVersion: "" };
    await stopViewer(connection, "0badb1d0", remote);
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null);
    stranger.kill();
  });

  it("and is damaged is passed over, and nothing in it runs", async () => {
    const mark = join(host.home, "mark");
    const session = await start();
    const state = join(sessionsFolder(), session.id, "state.json");
    await writeFile(
      state,
      `{"bootId": "${await bootId()}", "id": "$(touch ${mark})", "pid": "; touch ${mark}"`,
    );
    await leaveBehind(`$(touch ${mark.replaceAll("/", "_")})`, {});
    expect((await listHostSessions(connection)).sessions).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    await viewers.stop(session.id);
    expect(await viewersOfHost()).toEqual([]);
  });
});
