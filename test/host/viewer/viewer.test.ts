import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cancelled } from "../../../src/common/failure.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { type SessionState, sessionUrl } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import { createTestViewers, type TestClient } from "../../support/client.js";
import { type ConnectedHost, connectHost, environmentNamed } from "../../support/connectedHost.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { openLogPage } from "../../support/viewer/logPage.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { processesIn } from "../../support/processes.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let stage: ConnectedHost;
let host: HostHome;
let server: Sshd;
let client: TestClient;
let connection: Connection;
let viewers: Viewers;

beforeAll(async () => {
  stage = await connectHost();
  ({ host, server, client, connection } = stage);
  viewers = createTestViewers(client);
});
afterAll(async () => {
  await viewers.stopAll();
  await stage.dispose();
});

const train = () => stage.train;
const folderOfOurs = () => join(host.home, ".cache", "runicorn-remote");

/** Processes on this machine whose command line names the scratch home: only ours can. */
function processesOfOurs(): string[] {
  const listed = execFileSync("ps", ["-eo", "pid=,args="]).toString().split("\n");
  return listed.filter((line) => line.includes("runicorn viewer") && line.includes(host.home));
}

describe("a viewer", () => {
  it.each([
    ["train", runicornVersions.newest],
    ["vision/.venv", runicornVersions.oldest],
  ])(
    "in %s (Runicorn %s) starts in one exec beside the held one, answers, and leaves nothing behind",
    async (name, version) => {
      const environment = await environmentNamed(name, connection);
      // The shell is held for all that is short: leases, stops, logs.
      await listHostSessions(connection);
      const before = (await server.commands()).length;
      const session = await viewers.start(connection, { environment, root: host.root });
      const second = await viewers.start(connection, { environment, root: host.root });
      await viewers.stop(second.id);
      expect(await server.commands()).toHaveLength(before + 2);
      expect(session).toMatchObject({
        root: host.root,
        state: { kind: "running", remote: { runicornVersion: version } },
      });

      const answer = await fetch(new URL("/api/health", sessionUrl(session)));
      expect(await answer.json()).toMatchObject({ status: "ok", storage: host.root, version });
      expect(await (await fetch(sessionUrl(session) ?? "")).text()).toContain("<!doctype html>");
      const { text } = await viewers.readLog(session.id);
      expect(text).toContain("Uvicorn running");
      expect(text).toMatch(/ - runicorn\S* - INFO - /);

      await viewers.stop(session.id);
      expect(viewers.sessions).toEqual([]);
      expect(processesOfOurs()).toEqual([]);
      expect(existsSync(folderOfOurs())).toBe(false);
      await expect(fetch(sessionUrl(session) ?? "")).rejects.toThrow();
    },
  );

  it("keeps its files for its user alone", async () => {
    const session = await viewers.start(connection, { environment: train(), root: host.root });
    const listing = execFileSync("find", [folderOfOurs(), "-printf", "%m %P\\n"]).toString();
    expect(listing).toMatch(/^700 $/m);
    expect(listing).toMatch(new RegExp(`^700 sessions/${session.id}$`, "m"));
    expect(listing).toMatch(/^600 sessions\/\w+\/state.json$/m);
    expect(listing).toMatch(/^600 sessions\/\w+\/viewer.log$/m);
    const state = JSON.parse(
      await readFile(join(folderOfOurs(), "sessions", session.id, "state.json"), "utf8"),
    ) as Record<string, unknown>;
    expect(state).toMatchObject({ id: session.id, root: host.root });
    await Promise.all([viewers.stop(session.id), viewers.stop(session.id)]);
    expect(processesOfOurs()).toEqual([]);
  });

  it("is stopped although a page follows a log", async () => {
    const session = await viewers.start(connection, { environment: train(), root: host.root });
    const socket = await openLogPage(session);
    await viewers.stop(session.id);
    expect(processesOfOurs()).toEqual([]);
    socket.destroy();
  });

  it("that is cancelled while it starts leaves nothing behind", async () => {
    const stop = new AbortController();
    const starting = viewers.start(
      connection,
      { environment: train(), root: host.root },
      { signal: stop.signal },
    );
    starting.catch(() => undefined);
    await until("the viewer's process is there", () => processesOfOurs().length > 0);
    stop.abort();
    await expect(starting).rejects.toBeInstanceOf(Cancelled);
    expect(viewers.sessions).toEqual([]);
    await until("nothing of it is left", () => processesOfOurs().length === 0 && !existsSync(folderOfOurs()));
  });

  it("is stopped while it starts, and leaves nothing behind", async () => {
    const starting = viewers.start(connection, { environment: train(), root: host.root });
    starting.catch(() => undefined);
    await until("the viewer's process is there", () => processesOfOurs().length > 0);
    await viewers.stopAll(connection.id);
    await expect(starting).rejects.toBeInstanceOf(Cancelled);
    await until("nothing of it is left", () => processesOfOurs().length === 0 && !existsSync(folderOfOurs()));
  });

  it("is followed by its log, which goes on after the connection was lost", async () => {
    const other = await startSshd({ home: host.home });
    const lost = await client.connectTo(other);
    const session = await viewers.start(lost, { environment: train(), root: host.root });
    const log = join(folderOfOurs(), "sessions", session.id, "viewer.log");
    let heard = "";
    const following = viewers.followLog(session.id, (text) => (heard += text));
    await until("its beginning is heard", () => heard.includes("Uvicorn running"));
    await appendFile(log, "first 你好\n");
    await until("what is added is heard", () => heard.includes("first 你好\n"));
    await other.cutConnections();
    await appendFile(log, "while nobody heard\n");
    await until("it goes on", () => heard.includes("while nobody heard\n"));
    expect(heard.split("first 你好")).toHaveLength(2);
    expect(heard).toBe(await readFile(log, "utf8"));
    following.dispose();
    await viewers.stop(session.id);
    await until("nobody reads any more", async () =>
      (await processesIn(host.home)).every(({ commandLine }) => !commandLine.includes("tail")),
    );
    await other.stop();
  });

  it("lives through the restart of its server: same process, same port", async () => {
    const other = await startSshd({ home: host.home });
    const lost = await client.connectTo(other);
    const session = await viewers.start(lost, { environment: train(), root: host.root });
    const stateOf = (): SessionState | undefined => viewers.get(session.id)?.state;
    await other.halt();
    await until("it is reconnecting", () => stateOf()?.kind === "reconnecting");
    expect((await fetch(sessionUrl(session) ?? "")).status).toBe(503);
    await other.resume();
    await until("it runs again", () => stateOf()?.kind === "running");
    expect(stateOf()).toEqual(session.state);
    expect((await fetch(new URL("/api/health", sessionUrl(session)))).status).toBe(200);
    await viewers.stop(session.id);
    expect(processesOfOurs()).toEqual([]);
    expect(existsSync(folderOfOurs())).toBe(false);
    await other.stop();
  });
});

describe("a start is refused", () => {
  const start = (root: string, environment = train()) => viewers.start(connection, { environment, root });

  it("when the root is missing, and nothing is created", async () => {
    const root = join(host.home, "mistyped");
    await expect(start(root)).rejects.toMatchObject({ detail: { code: "storage-root-missing", root } });
    expect(existsSync(root)).toBe(false);
    expect(existsSync(folderOfOurs())).toBe(false);
  });

  it("unless it may be created", async () => {
    const session = await viewers.start(connection, {
      environment: train(),
      root: "~/created",
      createRoot: true,
    });
    expect(session.root).toBe(join(host.home, "created"));
    expect(existsSync(session.root)).toBe(true);
    await viewers.stop(session.id);
  });

  it("when the root is a file", async () => {
    const root = join(host.home, "file");
    await writeFile(root, "");
    await expect(start(root)).rejects.toMatchObject({ detail: { code: "storage-root-not-folder", root } });
  });

  it.each([
    ["relative", "runs", { code: "storage-root-invalid", reason: "relative" }],
    ["an option", "-rf", { code: "storage-root-invalid", reason: "relative" }],
    ["with a NUL", "/tmp/a\0b", { code: "storage-root-invalid", reason: "nul" }],
    [
      "longer than a path may be",
      `/${"x".repeat(5000)}`,
      { code: "storage-root-invalid", reason: "too-long" },
    ],
    [
      "with a part that is too long",
      `/tmp/${"x".repeat(300)}`,
      { code: "storage-root-invalid", reason: "too-long" },
    ],
    ["a command", "/tmp/$(touch canary)", { code: "storage-root-missing" }],
    ["a quote and a command", "/tmp/'; touch canary #", { code: "storage-root-missing" }],
    ["two lines", "/tmp/a\ntouch canary", { code: "storage-root-missing" }],
    ["GBK", "/tmp/\udcd6\udcd0", { code: "storage-root-missing", root: "/tmp/\udcd6\udcd0" }],
  ])("when the root is %s", async (_name, root, detail) => {
    await expect(start(root)).rejects.toMatchObject({ detail });
    expect((await readdir(host.home)).includes("canary")).toBe(false);
    expect(existsSync(folderOfOurs())).toBe(false);
  });

  it("when Runicorn is not installed", async () => {
    await expect(start(host.root, await environmentNamed("plain", connection))).rejects.toMatchObject({
      detail: { code: "runicorn-missing", environment: "plain" },
    });
  });

  it("when the interpreter does not run", async () => {
    const python = join(await mkdtemp(join(host.home, "broken-")), "python");
    await writeFile(python, "#!/bin/sh\necho this is not Python >&2\nexit 7\n");
    await chmod(python, 0o755);
    await expect(start(host.root, { ...train(), name: "broken", python })).rejects.toMatchObject({
      detail: { code: "environment-broken", environment: "broken", output: "this is not Python" },
    });
  });

  it("when the viewer ends at once, with the end of its log", async () => {
    const root = join(host.home, "damaged");
    await mkdir(join(root, "runicorn.db"), { recursive: true });
    await writeFile(join(root, "runs"), "");
    const starting = start(root);
    await expect(starting).rejects.toMatchObject({ detail: { code: "viewer-exited" } });
    expect(existsSync(folderOfOurs())).toBe(false);
    expect(processesOfOurs()).toEqual([]);
  });
});

describe("many sessions of one home", () => {
  it("stay, however old they are: Runicorn clears the folder beside its own logs", async () => {
    const sessions = join(folderOfOurs(), "sessions");
    const others = Array.from({ length: 25 }, (_, index) => (0xabc000 + index).toString(16));
    const longAgo = new Date(Date.now() - 30 * 86_400_000);
    for (const id of others) {
      await mkdir(join(sessions, id), { recursive: true });
      await utimes(join(sessions, id), longAgo, longAgo);
    }
    const session = await viewers.start(connection, { environment: train(), root: host.root });
    const left = await readdir(sessions);
    await viewers.stop(session.id);
    await rm(folderOfOurs(), { recursive: true });
    expect([...left].sort()).toEqual([...others, session.id].sort());
  });
});
