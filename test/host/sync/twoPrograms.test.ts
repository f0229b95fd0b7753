import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openCache } from "../../../src/sync/cache/cache.js";
import { openRemoteFiles } from "../../../src/sync/helper/openRemoteFiles.js";
import { runPass } from "../../../src/sync/pass/pass.js";
import { createLinkSpeed } from "../../../src/sync/remote/linkSpeed.js";
import { noOtherMachine, onMachine } from "../../support/otherMachine.js";
import { differences } from "../../support/rsync.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { createSyncRig } from "../../support/syncRig.js";
import { notCopied, startReader, startTraining } from "../../support/training.js";
import { until } from "../../support/until.js";

/** How often one is stopped, and how often one is killed; `npm run test:sync-two` has it happen 20 and 200 times. */
const stops = Number(process.env["SYNC_STOPS"] ?? 2);
const kills = Number(process.env["SYNC_KILLS"] ?? 4);
/** Milliseconds. Long: the usual limits of a lock, and a stop that is twice as long as those. */
const isLong = stops > 3;
const quick = { heartbeat: 50, staleAge: 300, watch: 100 };
const stopFor = isLong ? 60_000 : 1_500;
/** Milliseconds: a fault strikes at any moment in so much of a process's life. */
const life = 400;
const patience = 60_000 + stops * (stopFor + 30_000) + kills * 3_000;

/** Bytes of a file that takes a while. */
const large = 96 * 1024 * 1024;

/** Bytes of each file on its way. */
async function stagedSizes(copy: string): Promise<number[]> {
  const staging = join(copy, "staging");
  const names = await readdir(staging).catch(() => []);
  const sizes = names.map(
    async (name) => (await stat(join(staging, name)).catch(() => undefined))?.size ?? 0,
  );
  return Promise.all(sizes);
}

describe("two programs in turns on one copy", () => {
  it("remove what went between their turns, which only the other one has seen", async () => {
    const rig = await createSyncRig();
    const remote = await openRemoteFiles(rig.connection);
    try {
      const cache = await openCache(rig.cacheFolder);
      const [link, { signal }] = [createLinkSpeed(), new AbortController()];
      const passOfOther = () => runPass({ remote, cache, root: rig.root, mode: "mirror", link, signal });
      await writeFile(join(rig.root, "stays"), "1");
      await rig.pass();
      await passOfOther();
      await writeFile(join(rig.root, "goes"), "2");
      await rig.pass();
      await rm(join(rig.root, "goes"));
      await passOfOther();
      expect(await differences(rig.root, rig.copy)).toEqual([]);
    } finally {
      remote.close();
      await rig.dispose();
    }
  });
});

describe("two programs on one copy", () => {
  let sshd: Sshd;
  let folder: string;
  let program: string;
  const running = new Set<ChildProcess>();
  beforeAll(async () => {
    sshd = await startSshd();
    folder = await mkdtemp(join(tmpdir(), "two-"));
    program = join(process.cwd(), "node_modules", `.copy-process-${process.pid}.mjs`);
    await build({
      entryPoints: ["test/support/copyProcess.ts"],
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      loader: { ".sh": "text", ".py": "text" },
      outfile: program,
    });
  });
  afterAll(async () => {
    await sshd.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await rm(program, { force: true });
  });

  /** A program that passes over the root; resolves when it has begun. */
  const start = async (root: string, copy: string, before: readonly string[] = []): Promise<ChildProcess> => {
    const times = isLong ? "" : JSON.stringify(quick);
    const words = [process.execPath, program, String(sshd.port), sshd.identityFile, root, copy, times];
    const [command = "", ...args] = [...before, ...words];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    await once(child.stdout, "data");
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    running.delete(child);
    if (child.exitCode !== null) throw new Error("it had ended by itself");
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  afterEach(async () => {
    await Promise.all([...running].map(kill));
  });
  const holderOf = async (copy: string): Promise<number> => {
    const text = await readFile(join(copy, "lock"), "utf8").catch(() => "");
    return Number(/"pid":(\d+)/.exec(text)?.[1] ?? 0);
  };

  /** What happens to the programs while a run trains and somebody reads; then all is as on the host, for a later one too. */
  const expectEqualAfter = async (
    name: string,
    faults: (root: string, copy: string) => Promise<ChildProcess>,
  ): Promise<void> => {
    const [root, copy] = [join(folder, `${name}-root`), join(folder, `${name}-copy`)];
    const files = join(copy, "files");
    const training = startTraining(root);
    const reader = startReader(() => files, training.written);
    const equal = async (): Promise<boolean> => (await differences(root, files)).length === 0;
    /** What a failure is told with: what differs, and whose turn it is. */
    const told = async (error: unknown): Promise<never> => {
      const lock = await readFile(join(copy, "lock"), "utf8").catch(String);
      const state = {
        differences: await differences(root, files),
        lock,
        pids: [...running].map(({ pid }) => pid),
      };
      throw new Error(JSON.stringify(state), { cause: error });
    };
    try {
      const left = await faults(root, copy);
      training.stop();
      await until("equal", equal, 60_000).catch(told);
      await kill(left);
      const later = await start(root, copy);
      await delay(life);
      await until("equal for a later one", equal, 60_000).catch(told);
      await kill(later);
      expect(await differences(root, files)).toEqual([]);
    } finally {
      training.stop();
      await reader.stop();
    }
    expect(reader.wrong).toEqual([]);
    expect(reader.reads).toBeGreaterThan(0);
  };

  /** Stops a program in the middle of a pass. */
  const stop = async (child: ChildProcess, copy: string): Promise<void> => {
    const holds = async (): Promise<boolean> => (await holderOf(copy)) === child.pid;
    await until("it writes, and stops while it does", async () => {
      if (!(await holds())) return false;
      await delay(Math.random() * 50);
      child.kill("SIGSTOP");
      if (await holds()) return true;
      child.kill("SIGCONT");
      return false;
    });
  };

  /** One is stopped for longer than a lock needs to be given up, then goes on for a moment. */
  const stopAgainAndAgain =
    (isOtherMachine: boolean) =>
    async (root: string, copy: string): Promise<ChildProcess> => {
      const machine = isOtherMachine ? onMachine({ name: "other", bootId: randomUUID() }) : [];
      const other = await start(root, copy, machine);
      for (let round = 0; round < stops; round += 1) {
        const stopped = await start(root, copy);
        await stop(stopped, copy);
        await delay(stopFor);
        // Of a machine that cannot be asked it is taken; of this one, it is known to live.
        expect((await holderOf(copy)) === stopped.pid).toBe(!isOtherMachine);
        stopped.kill("SIGCONT");
        await delay(Math.random() * 50);
        await kill(stopped);
      }
      return other;
    };

  it(
    `of which one is stopped ${stops} times, woken and killed`,
    () => expectEqualAfter("stopped", stopAgainAndAgain(false)),
    patience,
  );

  it.skipIf(noOtherMachine)(
    `of two machines, of which one is stopped ${stops} times, woken and killed${noOtherMachine ? `: ${noOtherMachine}` : ""}`,
    () => expectEqualAfter("machines", stopAgainAndAgain(true)),
    patience,
  );

  it.skipIf(noOtherMachine)(
    "of two machines, of which one is stopped in mid-file, and woken for a moment",
    async () => {
      const [root, copy] = [join(folder, "file-root"), join(folder, "file-copy")];
      const equal = async (): Promise<boolean> => (await differences(root, join(copy, "files"))).length === 0;
      const change = async (byte: string): Promise<void> => {
        await writeFile(join(root, notCopied), Buffer.alloc(large, byte));
        await rename(join(root, notCopied), join(root, "model.bin"));
      };
      await mkdir(root);
      await change("1");
      const stopped = await start(root, copy);
      await until("it is in mid-file", async () => {
        const sizes = await stagedSizes(copy);
        if (!sizes.some((size) => size > 0 && size < large)) return false;
        stopped.kill("SIGSTOP");
        return true;
      });
      expect(await stagedSizes(copy)).toMatchObject([expect.toSatisfy((size: number) => size < large)]);
      await change("2");
      const machine = onMachine({ name: "other", bootId: randomUUID() });
      const other = await start(root, copy, machine);
      // A lock of another machine is given up after half a minute.
      await until("the other one has it", equal, 90_000);
      stopped.kill("SIGCONT");
      await delay(150);
      await kill(stopped);
      expect(await differences(root, join(copy, "files"))).toEqual([]);
      await kill(other);
      const later = await start(root, copy);
      await delay(life);
      expect(await differences(root, join(copy, "files"))).toEqual([]);
      await kill(later);
    },
    patience,
  );

  it(
    `of which one or the other is killed ${kills} times`,
    () =>
      expectEqualAfter("killed", async (root, copy) => {
        let [one, other] = await Promise.all([start(root, copy), start(root, copy)]);
        for (let fault = 0; fault < kills; fault += 1) {
          await delay(Math.random() * life);
          await kill(one);
          [one, other] = [other, await start(root, copy)];
        }
        await kill(one);
        return other;
      }),
    patience,
  );
});
