import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import { type RemoteViewer, sessionUrl, type ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost, environmentNamed } from "../../support/connectedHost.js";
import {
  makeOtherAccount,
  noOtherAccount,
  type OtherAccount,
  runScriptAs,
} from "../../support/otherAccount.js";
import { inTurn } from "../../support/matrix.js";
import { ensureProgram } from "../../support/packages.js";
import { processesIn, processesNaming } from "../../support/processes.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import { openLogPage } from "../../support/viewer/logPage.js";
import { startForward } from "../../support/viewer/plainForward.js";
import { until } from "../../support/until.js";

/** Short, so that the host is asked often. */
const graceSeconds = 8;
const versions = ["train", "vision/.venv"] as const;

let stage: ConnectedHost;
let viewers: Viewers;

beforeAll(async () => {
  stage = await connectHost();
  viewers = createTestViewers(stage.client, graceSeconds);
});
afterEach(() => viewers.stopAll());
afterAll(() => stage.dispose());

/** The one that is open now: the link is cut here. */
const connection = () => stage.client.connections.get(stage.connection.id) ?? stage.connection;

async function start(environment = "train"): Promise<ViewerSession> {
  const request = {
    environment: await environmentNamed(environment, connection()),
    root: stage.host.root,
  };
  return viewers.start(connection(), request);
}

function remoteOf({ state }: ViewerSession): RemoteViewer {
  if (state.kind !== "running") throw new Error(state.kind);
  return state.remote;
}

function socketOf(session: ViewerSession): string {
  const { address } = remoteOf(session);
  if ("port" in address) throw new Error(`it listens on port ${address.port}`);
  return address.socket;
}

const statusOf = async (session: ViewerSession): Promise<number> =>
  (await fetch(new URL("/api/health", sessionUrl(session)), { headers: { connection: "close" } })).status;
const answers = (session: ViewerSession) => async (): Promise<boolean> =>
  (await statusOf(session).catch(() => 0)) === 200;

/** What all processes of the host listen on, as `ss` tells: `tcp ADDRESS`, `udp ADDRESS`, `unix PATH` (`@` where abstract). */
async function listenedOn(): Promise<string[]> {
  const found: string[] = [];
  const pids = (await processesIn(stage.host.home)).map(({ pid }) => pid);
  for (const kind of ["tcp", "udp", "unix"] as const) {
    const rows = execFileSync(ensureProgram("ss", "iproute2"), ["-lnpH", `--${kind}`])
      .toString()
      .split("\n");
    for (const row of rows.filter((one) => pids.some((own) => one.includes(`pid=${own},`))))
      found.push(`${kind} ${row.trim().split(/\s+/)[kind === "unix" ? 4 : 3]}`);
  }
  return found;
}

describe("a viewer", () => {
  it.each(inTurn(versions, 0))(
    "of the environment %s listens on a socket in a folder for its account alone, and its host on nothing else than before",
    async (environment) => {
      const before = await listenedOn();
      const session = await start(environment);
      const socket = socketOf(session);
      expect(await statusOf(session)).toBe(200);
      expect(lstatSync(dirname(socket))).toMatchObject({ mode: 0o40700, uid: process.getuid?.() });
      expect(readdirSync(dirname(socket))).toEqual(["v"]);
      // The name with which it was bound.
      expect(await listenedOn()).toEqual([...before, `unix ${socket}.new`]);
      expect(await processesIn(stage.host.home)).toContainEqual(
        expect.objectContaining({ pid: remoteOf(session).pid }),
      );
      await viewers.stop(session.id);
      expect(existsSync(dirname(socket))).toBe(false);
    },
  );

  it.each(inTurn(versions, 1))(
    "of the environment %s makes its socket again where its folder is removed while a page is open",
    async (environment) => {
      const session = await start(environment);
      const socket = socketOf(session);
      const page = await openLogPage(session);
      await rm(dirname(socket), { recursive: true });
      await until("it is there again", () => existsSync(socket));
      await until("it answers", answers(session));
      expect(page.destroyed).toBe(false);
      expect(viewers.get(session.id)?.state).toMatchObject({ kind: "running", remote: remoteOf(session) });
      expect(lstatSync(dirname(socket)).mode).toBe(0o40700);
      page.destroy();
    },
  );
});

it("is found again when its folder was removed while the link was down", async () => {
  const session = await start();
  const socket = socketOf(session);
  await stage.server.halt();
  await until("the loss is noticed", () => viewers.get(session.id)?.state.kind === "reconnecting");
  await rm(dirname(socket), { recursive: true });
  await stage.server.resume();
  viewers.retryLostHosts();
  await until("it is back", () => viewers.get(session.id)?.state.kind === "running");
  expect(viewers.get(session.id)?.state).toMatchObject({ remote: remoteOf(session) });
  expect(await statusOf(session)).toBe(200);
});

it("leaves no socket behind when its lease ends, when its folder is removed, and when both its processes are killed", async () => {
  const [leased, removed, killed] = [await start(), await start(), await start()];
  const sockets = [leased, removed, killed].map(socketOf);
  const remote = remoteOf(killed);
  await viewers.leave();
  await rm(join(stage.host.home, ".cache", "runicorn-remote", "sessions", removed.id), { recursive: true });
  for (const pid of [remote.supervisor.pid, remote.pid]) process.kill(pid, "SIGKILL");
  // What is killed takes a moment to end.
  await until("the next client has removed what is left", async () => {
    await listHostSessions(connection());
    return !existsSync(dirname(sockets[2] ?? ""));
  });
  await until("the others are gone", () => !sockets.some((socket) => existsSync(dirname(socket))), 30_000);
});

it("removes nothing from a folder that got its socket's name and is not its own", async () => {
  const session = await start();
  const folder = dirname(socketOf(session));
  const [target, { pid, supervisor }] = [join(stage.host.home, "precious"), remoteOf(session)];
  await mkdir(target);
  await writeFile(join(target, "v"), "precious");
  for (const each of [supervisor.pid, pid]) process.kill(each, "SIGKILL");
  await rm(folder, { recursive: true });
  execFileSync("ln", ["-s", target, folder]);
  await viewers.stop(session.id);
  expect(readFileSync(join(target, "v"), "utf8")).toBe("precious");
  expect(lstatSync(folder).isSymbolicLink()).toBe(true);
  await rm(folder);
});

describe.skipIf(noOtherAccount)("another account of the host", () => {
  let other: OtherAccount;
  beforeAll(async () => {
    other = makeOtherAccount({ shell: "/bin/sh" });
    // The server reads the keys of each account as that account.
    await chmod(stage.server.folder, 0o755);
  });
  afterAll(() => other.dispose());

  /** Asks for a path over a socket or a port, and prints what comes. */
  const ask = `
    import { request } from "node:http";
    const [where, path] = process.argv.slice(1);
    const to = where.startsWith("/") ? { socketPath: where } : { host: "127.0.0.1", port: Number(where) };
    const asked = request({ ...to, path, headers: { host: "localhost" } }, (answer) => {
      answer.setEncoding("utf8").on("data", (piece) => process.stdout.write(piece));
    });
    asked.on("error", ({ code }) => console.log(code)).end();`;

  it.each(inTurn(versions, 0))(
    "gets nothing of a viewer of %s by its socket, by ssh, or from /proc",
    async (environment) => {
      const session = await start(environment);
      const socket = socketOf(session);
      const { pid, supervisor } = remoteOf(session);
      expect(await runScriptAs(other, ask, [socket, "/api/runs"])).toBe("EACCES\n");
      expect(await runScriptAs(other, ask, [`${socket}.new`, "/api/runs"])).toBe("EACCES\n");
      for (const [user, isServed] of [
        [stage.server.user, true],
        [other.name, false],
      ] as const) {
        const forward = await startForward(stage.server, user, socket);
        const said = await fetch(`http://127.0.0.1:${forward.port}/api/health`).then(
          (answer) => answer.text(),
          () => "",
        );
        expect(said !== "", user).toBe(isServed);
        await forward.stop();
      }
      const look = `
      import { readdirSync, readFileSync } from "node:fs";
      const looks = { environ: readFileSync, maps: readFileSync, fd: readdirSync, cwd: readdirSync, root: readdirSync };
      for (const pid of process.argv.slice(1))
        for (const [name, look] of Object.entries(looks)) {
          try {
            look("/proc/" + pid + "/" + name);
            console.log(name, "was read");
          } catch ({ code }) {
            if (code !== "EACCES") console.log(name, code);
          }
        }`;
      expect(await runScriptAs(other, look, [pid, supervisor.pid].map(String))).toBe("");
      expect(await runScriptAs(other, ask, [`/proc/${pid}/root${socket}`, "/api/runs"])).toBe("EACCES\n");
      // What everybody may read of processes names a place and no secret.
      const { commandLine = "" } = (await processesNaming(socket)).find((one) => one.pid === pid) ?? {};
      expect(
        commandLine.split(" ").filter((word) => /^[\w+/=-]{20,}$/.test(word) && !word.startsWith("/")),
      ).toEqual([]);
    },
  );

  it.each(inTurn(versions, 1))(
    "deletes no run of a viewer of %s by closing as soon as it has asked",
    async (name) => {
      await sampleRuns(stage.host.root, join(stage.host.home, "venvs", "train"), stage.host.home);
      const session = await start(name);
      const at = (path: string) => new URL(path, sessionUrl(session));
      const { localPort } = session.state as { readonly localPort: number };
      const runs = async (): Promise<string[]> => {
        const all = (await (await fetch(at("/api/runs"))).json()) as { readonly id: string }[];
        return all.map(({ id }) => id);
      };
      const before = await runs();
      expect(before.length).toBeGreaterThan(5);
      const body = JSON.stringify({ run_ids: before.slice(0, 1) });
      const hasty = `
      import { connect } from "node:net";
      const [where, host, body] = process.argv.slice(1);
      const to = where.startsWith("/") ? { path: where } : { host: "127.0.0.1", port: Number(where) };
      const head = ["POST /api/runs/soft-delete HTTP/1.1", "Host: " + host, "Content-Type: application/json"];
      const request = [...head, "Content-Length: " + body.length, "", body].join("\\r\\n");
      for (let sent = 0; sent < 50; sent += 1) await new Promise((done) => {
        const socket = connect(to, () => socket.end(request, () => socket.destroy()));
        socket.on("error", () => undefined).on("close", done);
      });`;
      for (const where of [socketOf(session), String(localPort)])
        expect(await runScriptAs(other, hasty, [where, `localhost:${localPort}`, body])).toBe("");
      // One of ours behind them shows that they have been dealt with.
      expect(await runs()).toEqual(before);
      const headers = { "content-type": "application/json" };
      const asked = await fetch(at("/api/runs/soft-delete"), { method: "POST", headers, body });
      expect(await asked.json()).toMatchObject({ deleted_count: 1 });
      expect(await runs()).toHaveLength(before.length - 1);
    },
  );

  it("that takes the name of a removed folder is not shown for longer than it takes to see that: the viewer ends", async () => {
    const session = await start();
    const folder = dirname(socketOf(session));
    const { pid } = remoteOf(session);
    process.kill(pid, "SIGSTOP");
    await rm(folder, { recursive: true });
    const take = `(await import("node:fs")).mkdirSync(process.argv[1])`;
    expect(await runScriptAs(other, take, [folder])).toBe("");
    process.kill(pid, "SIGCONT");
    await until("the session has failed", () => viewers.get(session.id)?.state.kind === "failed");
    await expect(fetch(sessionUrl(session) ?? "")).rejects.toThrow();
    await viewers.stop(session.id);
    expect(lstatSync(folder).uid).toBe(other.uid);
    await rm(folder, { recursive: true });
  });
});

if (noOtherAccount !== undefined) it.skip(noOtherAccount, () => undefined);
