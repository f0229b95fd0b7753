import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, lchown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { listHostSessions, stopViewer } from "../../../src/viewer/remote/hostSessions.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { makeOtherAccount, noOtherAccount, type OtherAccount } from "../../support/otherAccount.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

let stage: ConnectedHost;
/** What XDG_CACHE_HOME is on the host. */
let cache: string;
let server: Sshd;
let connection: Connection;
let viewers: Viewers;

beforeAll(async () => {
  stage = await connectHost();
});
afterAll(() => stage.dispose());
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "scratch-"));
  server = await startSshd({ home: stage.host.home, environment: { XDG_CACHE_HOME: cache } });
  connection = await stage.client.connectTo(server);
  viewers = createTestViewers(stage.client);
});
afterEach(async () => {
  await viewers.stopAll();
  await connection.close();
  await server.stop();
  await rm(cache, { recursive: true });
});

const start = (): Promise<ViewerSession> =>
  viewers.start(connection, { environment: stage.train, root: stage.host.root });
const ofOurs = () => join(cache, "runicorn-remote");
const sessionIn = (place: string, { id }: ViewerSession) => join(place, "sessions", id);

/** Where viewers keep their files when the usual place cannot be used. */
async function placesInTmp(): Promise<string[]> {
  const names = (await readdir("/tmp")).filter((name) =>
    name.startsWith(`runicorn-remote-${process.getuid?.()}-`),
  );
  return names.map((name) => join("/tmp", name));
}

/** The session is in a private folder in /tmp, is heard of and found there, and leaves nothing when it is stopped. */
async function expectElsewhere(session: ViewerSession): Promise<void> {
  const place = (await placesInTmp()).find((one) => existsSync(sessionIn(one, session))) ?? "none";
  expect((await stat(place)).mode & 0o777).toBe(0o700);
  expect((await listHostSessions(connection)).sessions.map(({ id }) => id)).toEqual([session.id]);
  expect((await viewers.readLog(session.id)).text).toContain("Uvicorn running");
  await viewers.keep(session.id);
  expect(viewers.get(session.id)?.state.kind).toBe("running");
  await viewers.stop(session.id);
  expect(existsSync(place)).toBe(false);
}

describe("a viewer's files", () => {
  it("lie in the cache folder of the host", async () => {
    const session = await start();
    expect(existsSync(sessionIn(ofOurs(), session))).toBe(true);
    await viewers.stop(session.id);
    expect(await readdir(cache)).toEqual([]);
  });

  it("lie in a folder of ours that others could write into, which is mended", async () => {
    await chmod(cache, 0o1777);
    await mkdir(join(ofOurs(), "sessions"), { recursive: true });
    await chmod(ofOurs(), 0o777);
    await chmod(join(ofOurs(), "sessions"), 0o775);
    const session = await start();
    expect(existsSync(sessionIn(ofOurs(), session))).toBe(true);
    expect((await stat(ofOurs())).mode & 0o022).toBe(0);
    expect((await stat(join(ofOurs(), "sessions"))).mode & 0o022).toBe(0);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["others may move folders in the cache folder", () => chmod(cache, 0o777)],
    [
      "a group may move folders in the cache folder",
      () => chmod(cache, 0o2770).then(() => lchown(cache, 0, 60_000)),
    ],
    [
      "a file has the name of the cache folder",
      () => rm(cache, { recursive: true }).then(() => writeFile(cache, "")),
    ],
    ["a file has the name of our folder", () => writeFile(ofOurs(), "")],
  ])("lie elsewhere where %s", async (_name, spoil) => {
    await spoil();
    await expectElsewhere(await start());
  });

  it.skipIf(process.getuid?.() !== 0)(
    "lie elsewhere where the disk is full (needs root, to mount one)",
    async () => {
      mountDisk("size=4k", cache);
      try {
        await writeFile(join(cache, "all"), Buffer.alloc(4096));
        await expectElsewhere(await start());
        expect(await readdir(cache)).toEqual(["all"]);
      } finally {
        await unmount(cache);
      }
    },
  );
});

describe("a cache folder for us alone", () => {
  it("is not used where others may put another one in its place", async () => {
    const shared = await mkdtemp(join(tmpdir(), "shared-"));
    await chmod(shared, 0o777);
    const own = join(shared, "own");
    await mkdir(own, { mode: 0o700 });
    const other = await startSshd({ home: stage.host.home, environment: { XDG_CACHE_HOME: own } });
    const usual = connection;
    try {
      connection = await stage.client.connectTo(other);
      await expectElsewhere(await start());
      expect(await readdir(own)).toEqual([]);
    } finally {
      await connection.close();
      connection = usual;
      await other.stop();
      await rm(shared, { recursive: true });
    }
  });
});

describe.skipIf(noOtherAccount)("another account of the host, in a cache folder that is shared", () => {
  let other: OtherAccount;
  beforeAll(() => {
    other = makeOtherAccount();
  });
  afterAll(() => other.dispose());

  it("costs nobody time by thousands of folders with our names", async () => {
    const session = await start();
    const prefix = `/tmp/runicorn-remote-${process.getuid?.()}-other`;
    const make = `i=0; while [ $i -lt 3000 ]; do mkdir -p ${prefix}$i/sessions; i=$((i + 1)); done`;
    await once(other.start("sh", ["-c", make]), "exit");
    try {
      const since = Date.now();
      expect((await listHostSessions(connection)).sessions.map(({ id }) => id)).toEqual([session.id]);
      await viewers.stop(session.id);
      // Minutes, where each of them costs a process.
      expect(Date.now() - since).toBeLessThan(10_000);
    } finally {
      execFileSync("sh", ["-c", `rm -rf ${prefix}*`]);
    }
  });

  /** A session that looks like one of ours whose supervisor was killed: a look at it would start that again. */
  async function plant(id: string, mark: string): Promise<{ readonly folder: string; dispose(): void }> {
    const stranger = spawn("sleep", ["1000"]);
    const pid = stranger.pid ?? 0;
    const stats = (await readFile(`/proc/${pid}/stat`, "utf8")).split(" ");
    const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const folder = join(ofOurs(), "sessions", id);
    await mkdir(folder, { recursive: true });
    const files = {
      "supervisor.py": `open(${JSON.stringify(mark)}, "w")\n`,
      "request.json": JSON.stringify({ command: ["/usr/bin/python3"] }).replace(":", ": "),
      viewer: `${pid} ${stats[21]}\n`,
      "state.json": `{"id": "${id}", "bootId": "${bootId}", "port": 1}\n`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return { folder, dispose: () => void stranger.kill() };
  }

  it.each<[string, () => Promise<void> | void]>([
    ["with a folder of our name", () => void execFileSync("chown", ["-R", other.name, ofOurs()])],
    [
      "with a session in a folder of ours that it could write into",
      async () => {
        await chmod(ofOurs(), 0o777);
        await chmod(join(ofOurs(), "sessions"), 0o777);
        execFileSync("chown", ["-R", other.name, join(ofOurs(), "sessions", "0badc0de")]);
      },
    ],
    [
      "with files in a session of ours that it could write into",
      async () => {
        await chmod(ofOurs(), 0o777);
        for (const name of ["supervisor.py", "request.json"]) {
          execFileSync("chown", [other.name, join(ofOurs(), "sessions", "0badc0de", name)]);
        }
      },
    ],
  ])("%s gets no program run, and does not keep a viewer from starting", async (name, give) => {
    await chmod(cache, 0o1777);
    const mark = join(stage.host.home, "mark");
    const planted = await plant("0badc0de", mark);
    await give();
    try {
      const session = await start();
      expect((await listHostSessions(connection)).sessions.map(({ id }) => id)).toEqual([session.id]);
      const identity = { pid: 2_000_000, startTime: "1" };
      const remote = { ...identity, supervisor: identity, address: { port: 1 }, runicornVersion: "" };
      await stopViewer(connection, "0badc0de", remote);
      expect(existsSync(mark)).toBe(false);
      await viewers.stop(session.id);
      if (name.includes("our name")) expect(await readdir(planted.folder)).toHaveLength(4);
    } finally {
      planted.dispose();
    }
  });
});
