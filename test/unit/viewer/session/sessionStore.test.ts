import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Logger, silentLogger } from "../../../../src/common/logger.js";
import { createSessionStore } from "../../../../src/viewer/session/sessionStore.js";

const session = {
  id: "0a1b2c3d",
  connectionId: "ada@gpu:22",
  target: { host: "gpu" },
  remotePort: 23_333,
  localPort: 50_000,
  python: "/env/bin/python",
  environmentName: "train",
  environmentKind: "venv",
  root: "/home/ada/runs",
  startedAt: 1,
  kept: false,
  stopWanted: false,
};

let folder: string;
let file: string;
let other: ChildProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sessions-"));
  file = join(folder, "sessions.json");
  other = spawn("sleep", ["600"], { stdio: "ignore" });
  await once(other, "spawn");
});
afterEach(async () => {
  other.kill();
  await rm(folder, { recursive: true });
});

const here = () => createSessionStore(file, silentLogger);
const inOther = () => createSessionStore(file, silentLogger, other.pid);
const isElsewhere = async (): Promise<boolean[]> => {
  const store = here();
  return Promise.all((await store.list()).map((entry) => store.isElsewhere(entry)));
};

/** Changes what the file says of its sessions, as another program might. */
async function rewrite(change: (entry: Record<string, unknown>) => object): Promise<void> {
  const all = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>[];
  await writeFile(file, JSON.stringify(all.map(change)));
}

describe("a session of another process", () => {
  beforeEach(() => inOther().save(session));

  it("is owned by that only while it lives", async () => {
    expect(await isElsewhere()).toEqual([true]);
    other.kill();
    await once(other, "exit");
    expect(await isElsewhere()).toEqual([false]);
  });

  it("has two owners when we look after it too, and the other one when we do no longer", async () => {
    const store = here();
    await store.save(session);
    expect(await store.list()).toMatchObject([{ owners: [other.pid, process.pid] }]);
    await store.release(session.id);
    expect(await store.list()).toMatchObject([{ owners: [other.pid], ownerProcesses: [{ pid: other.pid }] }]);
  });

  it("stays kept, or not, as it was decided last in any window", async () => {
    const store = here();
    await store.save(session);
    await inOther().keep(session.id, true);
    await store.save(session);
    expect(await store.list()).toMatchObject([{ kept: true }]);
    await inOther().keep(session.id, false);
    await store.save({ ...session, kept: true });
    expect(await store.list()).toMatchObject([{ kept: false }]);
  });

  it.runIf(process.platform === "linux")("is not owned by a later process with the same pid", async () => {
    await rewrite(({ ownerProcesses, ...entry }) => ({
      ...entry,
      ownerProcesses: (ownerProcesses as object[]).map((owner) => ({ ...owner, started: "1" })),
    }));
    expect(await isElsewhere()).toEqual([false]);
  });

  it.runIf(process.platform === "linux")(
    "is elsewhere when it is of another machine, which we cannot ask",
    async () => {
      await rewrite(({ ownerProcesses, ...entry }) => ({
        ...entry,
        ownerProcesses: (ownerProcesses as object[]).map((owner) => ({
          ...owner,
          machine: "another",
          boot: "another",
        })),
      }));
      expect(await isElsewhere()).toEqual([true]);
    },
  );

  it("of an older program, which tells numbers only, is known by them", async () => {
    await rewrite((entry) => ({ ...entry, ownerProcesses: undefined }));
    expect(await isElsewhere()).toEqual([true]);
    other.kill();
    await once(other, "exit");
    expect(await isElsewhere()).toEqual([false]);
  });
});

describe("the saved sessions", () => {
  let said: string[];
  let logger: Logger;
  beforeEach(() => {
    said = [];
    logger = { ...silentLogger, warn: (message) => void said.push(message) };
  });
  const onDisk = async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));

  it("keep the entries of a later version, and say so", async () => {
    const later = { id: "0b0b0b0b-long", machine: "node-a" };
    const extended = { ...{ ...session, id: "0c0c0c0c" }, owners: [], machine: "node-a" };
    await writeFile(file, JSON.stringify([later, extended]));
    const store = createSessionStore(file, logger);
    expect((await store.list()).map(({ id }) => id)).toEqual(["0c0c0c0c"]);
    expect(said).toEqual([`${file}: 1 entries are not understood, and are kept`]);
    await store.save({ ...session, id: "0a0a0a0a" });
    await store.wantStop("0c0c0c0c");
    await store.settled();
    expect(await onDisk()).toMatchObject([
      later,
      { id: "0c0c0c0c", stopWanted: true, machine: "node-a" },
      { id: "0a0a0a0a" },
    ]);
  });

  it("are left alone if a later version saved something else than a list, which is reported", async () => {
    const later = { version: 2, sessions: [] };
    await writeFile(file, JSON.stringify(later));
    const store = createSessionStore(file, logger);
    expect(await store.list()).toEqual([]);
    await store.save({ ...session, id: "0a0a0a0a" });
    await store.settled();
    expect(await onDisk()).toEqual(later);
    expect(said.every((message) => message.includes("is not understood, and is kept as it is"))).toBe(true);
    expect(said.length).toBeGreaterThan(0);
  });

  it("are reset if the file is damaged", async () => {
    await writeFile(file, '[{"id": "0a0a');
    const store = createSessionStore(file, logger);
    await store.save({ ...session, id: "0a0a0a0a" });
    expect((await store.list()).map(({ id }) => id)).toEqual(["0a0a0a0a"]);
    expect(said).toEqual([`${file} is not readable and is written anew`]);
  });
});
