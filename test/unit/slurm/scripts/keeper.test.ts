import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import findKeeperScript from "../../../../src/slurm/scripts/findKeeper.sh";
import keeperScript from "../../../../src/slurm/scripts/keeper.sh";
import { findProgram } from "../../../support/packages.js";

const shells = [["dash"], ["bash"]].filter(([program = ""]) => findProgram(program));

describe.skipIf(process.platform !== "linux").each(shells)("the keeper of a job under %s", (program = "") => {
  const jobs: string[] = [];
  const keepers: ChildProcess[] = [];
  const newJob = (): string => {
    const job = String(randomInt(10 ** 13, 10 ** 14));
    jobs.push(job);
    return job;
  };
  afterEach(async () => {
    for (const keeper of keepers.splice(0)) keeper.kill("SIGKILL");
    for (const job of jobs.splice(0))
      for (const name of await readdir("/tmp"))
        if (name.startsWith(`runicorn-job-${job}-`)) await rm(join("/tmp", name), { recursive: true });
  });

  /** One that waits for a second, and is held for three. */
  const keep = async (job = newJob()) => {
    const text = keeperScript
      .replace("@GRACE@", "20")
      .replace("@LINES@", "module load x")
      .replace("linger=3", "linger=1")
      .replace("hold=120", "hold=3")
      .replace("hour=3600", "hour=1");
    const keeper = spawn(program, ["-c", text], {
      env: { ...process.env, SLURM_JOB_ID: job },
      stdio: "ignore",
    });
    keepers.push(keeper);
    const ended = once(keeper, "exit").then(() => performance.now());
    const folder = await vi.waitUntil(() => find(job)[0], { timeout: 5_000 });
    const say = (word: string): Promise<void> => writeFile(join(folder, "requests"), `${word}\n`);
    return {
      ...{ keeper, folder, ended, say },
      view: async () => {
        const [note, stop] = [join(folder, "live-ab"), join(folder, "stop")];
        const loop = `while [ ! -e ${stop} ]; do sleep 0.05; done`;
        await writeFile(join(folder, "start-ab"), `echo $$ >${note}\n${loop}\n`);
        await say("start ab");
        await vi.waitUntil(() => existsSync(note), { timeout: 5_000 });
        return async () => {
          await writeFile(stop, "");
          await vi.waitUntil(() => !existsSync(note), { timeout: 5_000 });
          return performance.now();
        };
      },
    };
  };
  const find = (job: string, key = ""): string[] => {
    const call = `${findKeeperScript}\nmain ${job} now ${key}`;
    return spawnSync(program, ["-c", call], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
  };

  it("ends soon after its last viewer", async () => {
    const { view, ended, folder } = await keep();
    const stopped = await (await view())();
    expect((await ended) - stopped).toBeLessThan(2_500);
    expect(existsSync(folder)).toBe(false);
  });

  it("waits for a viewer that is started anew, for a limited time", async () => {
    const { view, ended, say } = await keep();
    const stop = await view();
    await say("hold aa");
    const stopped = await stop();
    expect((await ended) - stopped).toBeGreaterThan(1_800);
  });

  it("waits no longer when that was given up, or has started", async () => {
    const { view, ended, say } = await keep();
    const stop = await view();
    await say("hold aa");
    const stopped = await stop();
    await say("leave aa");
    expect((await ended) - stopped).toBeLessThan(1_800);
    const other = await keep();
    await other.say("hold aa");
    const ends = await (await other.view())();
    expect((await other.ended) - ends).toBeLessThan(1_800);
  });

  it("does not end under somebody who is on the way in when another one leaves", async () => {
    const { ended, say, keeper } = await keep();
    expect(find(String(jobs[0]), "bb")[1]).toBe("module load x");
    const leftAt = performance.now();
    await say("leave aa");
    expect((await ended) - leftAt).toBeGreaterThan(1_800);
    expect(keeper.exitCode).toBe(0);
  });

  it("is not held by somebody who finds a viewer in it", async () => {
    const { view, ended } = await keep();
    const stop = await view();
    find(String(jobs[0]), "bb");
    const stopped = await stop();
    expect((await ended) - stopped).toBeLessThan(1_800);
  });

  it("is found behind what a killed one left, and removes that", async () => {
    const job = newJob();
    const dead = await keep(job);
    dead.keeper.kill("SIGKILL");
    await dead.ended;
    expect(find(job)).toEqual([]);
    // Of processes that are not to be seen from here nothing is known.
    const foreign = `/tmp/runicorn-job-${newJob()}-unseen`;
    await mkdir(foreign);
    await writeFile(join(foreign, "ready"), "1 1 pid:[1]\n");
    const { folder } = await keep(job);
    expect(folder).not.toBe(dead.folder);
    expect(existsSync(dead.folder)).toBe(false);
    expect(existsSync(foreign)).toBe(true);
  });

  it("is not found in a folder that is just being removed, whose note cannot be read any more", async () => {
    const job = newJob();
    await mkdir(`/tmp/runicorn-job-${job}-removed/ready`, { recursive: true });
    expect(find(job)).toEqual([]);
  });

  it("is not removed by a clean-up of old files", async () => {
    const { folder } = await keep();
    for (const name of ["ready", "requests", "lines"]) {
      const file = join(folder, name);
      await utimes(file, 1, 1);
      await vi.waitUntil(async () => (await stat(file)).mtimeMs > 10_000, { timeout: 5_000 });
    }
    expect(await readFile(join(folder, "lines"), "utf8")).toBe("module load x\n");
  });
});
