import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRunIndex, type Run } from "../../../src/sync/runIndex/runs.js";
import { createRunSigns } from "../../../src/sync/runIndex/runSigns.js";
import { createSyncRig, type SyncRig, type SyncRigOptions } from "../../support/syncRig.js";

const ways: readonly (readonly [string, SyncRigOptions])[] = [
  ["Python", {}],
  ["POSIX tools", { withoutPython: true }],
  ["busybox", { busyboxOnly: true }],
];

async function endedPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}

describe.each(ways)("runs that say they are running, asked for with %s", (name, options) => {
  let rig: SyncRig;
  let index: ReturnType<typeof createRunIndex>;
  let signs: ReturnType<typeof createRunSigns>;
  beforeAll(async () => {
    rig = await createSyncRig(options);
    signs = createRunSigns(rig.cache);
    index = createRunIndex("id", rig.cache, signs);
  });
  afterAll(() => rig.dispose());

  async function makeRun(id: string, meta: object, status = "running"): Promise<string> {
    const folder = join(rig.root, "runs/signs", id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "meta.json"), JSON.stringify({ id, path: "signs", ...meta }));
    await writeFile(join(folder, "status.json"), JSON.stringify({ status }));
    await writeFile(join(folder, "events.jsonl"), "{}\n");
    return folder;
  }

  async function look(): Promise<Record<string, Run>> {
    const { hostTime } = await rig.pass("smart");
    const host = { remote: rig.remote, root: rig.root, hostTime };
    await signs.look(host, await index.running(), new AbortController().signal);
    return Object.fromEntries((await index.list()).map((run) => [run.id, run]));
  }

  it("are failed where their process is gone, and only on the machine that it was on", async () => {
    const gone = { pid: await endedPid(), hostname: hostname() };
    await makeRun("lives", { pid: process.pid, hostname: hostname() });
    await makeRun("root-lives", { pid: 1, hostname: hostname() });
    await makeRun("killed", gone);
    await makeRun("elsewhere", { ...gone, hostname: "another-machine" });
    await makeRun("unnamed", { pid: gone.pid });
    await makeRun("odd", { pid: -1, hostname: hostname() });
    await makeRun("ended", gone, "finished");
    expect(await look()).toMatchObject({
      lives: { status: "running", sign: undefined },
      "root-lives": { status: "running", sign: undefined },
      killed: { status: "failed", sign: { kind: "process-gone" } },
      elsewhere: { status: "running", sign: undefined },
      unnamed: { status: "running", sign: undefined },
      odd: { status: "running", sign: undefined },
      ended: { status: "finished", sign: undefined },
    });
  });

  it("are known without the host, and in another window", async () => {
    const other = createRunSigns(rig.cache);
    expect(await other.refresh()).toBe(true);
    expect(other.of("runs/signs/killed")).toEqual({ kind: "process-gone" });
    expect(await other.refresh()).toBe(false);
  });

  it("are running again where they write on, since their process has another number here", async () => {
    const folder = await makeRun("in-container", { pid: await endedPid(), hostname: hostname() });
    expect((await look())["in-container"]).toMatchObject({ status: "failed" });
    expect((await look())["in-container"]).toMatchObject({ status: "failed" });
    await appendFile(join(folder, "events.jsonl"), "{}\n");
    expect((await look())["in-container"]).toMatchObject({ status: "running", sign: undefined });
    expect((await look())["in-container"]).toMatchObject({ status: "running", sign: undefined });
  });

  it("are told of where they have written nothing for long", async () => {
    const folder = await makeRun("silent", { pid: process.pid, hostname: "another-machine" });
    const before = Math.floor(Date.now() / 1000) - 2 * 3_600;
    for (const file of ["status.json", "events.jsonl"]) await utimes(join(folder, file), before, before);
    expect((await look())["silent"]).toMatchObject({
      status: "running",
      sign: { kind: "silent", since: before },
    });
    await appendFile(join(folder, "events.jsonl"), "{}\n");
    expect((await look())["silent"]).toMatchObject({ status: "running", sign: undefined });
  });

  it.runIf(name === "Python")("are failed if their pid was reused", async () => {
    const folder = await makeRun("reused", { pid: process.pid, hostname: hostname() });
    const before = Date.now() / 1000 - process.uptime() - 600;
    for (const file of ["status.json", "events.jsonl"]) await utimes(join(folder, file), before, before);
    expect((await look())["reused"]).toMatchObject({ status: "failed", sign: { kind: "process-gone" } });
  });

  it("name the file of theirs that is damaged", async () => {
    const folder = await makeRun("damaged", { pid: process.pid, hostname: hostname() });
    await writeFile(join(folder, "status.json"), '{"status": "runn');
    await writeFile(join(folder, "summary.json"), "[]");
    expect((await look())["damaged"]).toMatchObject({
      status: "unknown",
      path: "signs",
      damaged: ["status.json", "summary.json"],
    });
  });
});
