import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bundleProgram } from "../../support/bundleProgram.js";
import { mountDisk, unmount } from "../../support/files/mount.js";
import { processesIn } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import { stateOfTree } from "../../support/stateOfTree.js";
import { until } from "../../support/until.js";
import type { WindowHere } from "../../support/windowHere.js";
import { shareOfRounds } from "../play.js";
import { outage, shortGrace } from "../world.js";

/** Seconds that a viewer waits for a window that comes back. */
const longGrace = 120;
const patience = 40_000;

/** A window on the machine that trains, as a process. */
interface WindowProcess {
  readonly child: ChildProcess;
  /** What it said last. */
  readonly now: () => WindowHere | undefined;
  say(word: string): void;
}

describe("faults of a window on the machine that trains", () => {
  let machine: HostHome;
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  let dataFolder: string;
  let before: Readonly<Record<string, string>>;
  const windows: WindowProcess[] = [];
  const recoveries = new Map<string, number[]>();

  beforeAll(async () => {
    program = await bundleProgram("test/support/windowHere.ts");
    machine = await makeHostHome(false);
    await sampleRuns(machine.root, join(machine.home, "venvs", "train"), machine.home);
    // Its disk may be small in the end: the folder stays where it is.
    dataFolder = await mkdtemp(join(tmpdir(), "here-data-"));
  });
  afterEach(async () => {
    for (const { child } of windows.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  afterAll(async () => {
    console.table(
      [...recoveries].map(([fault, times]) => ({
        fault,
        survived: times.length,
        "recovery, median ms": [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)],
      })),
    );
    await program.remove();
    await machine.dispose();
    await rm(dataFolder, { recursive: true, force: true });
  });

  const open = (graceSeconds = longGrace): WindowProcess => {
    const args = [program.file, machine.home, machine.root, dataFolder, String(graceSeconds)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    let said: WindowHere | undefined;
    createInterface({ input: child.stdout }).on("line", (line) => (said = JSON.parse(line) as WindowHere));
    const one: WindowProcess = { child, now: () => said, say: (word) => child.stdin.write(`${word}\n`) };
    windows.push(one);
    return one;
  };
  const answers = async ({ now }: WindowProcess): Promise<boolean> => {
    const url = now()?.viewer?.url ?? "";
    if (url === "") return false;
    const health = new URL("/api/health", url);
    return fetch(health, { signal: AbortSignal.timeout(3_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  /** Viewer and runs are there. @returns the viewer's process. */
  const untilWell = async (window: WindowProcess): Promise<number> => {
    const isWell = async (): Promise<boolean> => {
      const { sync } = window.now() ?? {};
      return sync?.state === "waiting" && sync.runs === 6 && (await answers(window));
    };
    await until("viewer and runs are there", isWell, patience).catch((error: unknown) => {
      throw new Error(`it said ${JSON.stringify(window.now())}`, { cause: error });
    });
    return window.now()?.viewer?.pid ?? 0;
  };
  const ours = async (): Promise<string[]> => {
    const folder = join(machine.home, ".cache", "runicorn-remote");
    // It goes with the last viewer, also while it is looked at.
    const files = await readdir(folder, { recursive: true }).catch(() => []);
    const processes = (await processesIn(machine.home)).map(({ commandLine }) => commandLine);
    return [...processes, ...files];
  };
  const untilNothingIsLeft = (): Promise<void> =>
    until("nothing is left", async () => (await ours()).length === 0, patience).catch(
      async (error: unknown) => {
        throw new Error((await ours()).join("\n"), { cause: error });
      },
    );
  const end = async (window: WindowProcess): Promise<void> => {
    window.say("stop");
    await once(window.child, "exit");
    await untilNothingIsLeft();
  };
  const kill = async ({ child }: WindowProcess): Promise<void> => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };

  /** Makes it happen. @returns milliseconds until all was well again. */
  const faults: Readonly<Record<string, () => Promise<number>>> = {
    "the window is killed, and another comes": async () => {
      const first = open();
      const pid = await untilWell(first);
      await kill(first);
      const since = Date.now();
      const next = open();
      expect(await untilWell(next)).toBe(pid);
      const recovery = Date.now() - since;
      await end(next);
      return recovery;
    },
    "the window is killed while it starts, and another comes": async () => {
      const first = open();
      await outage(Math.random() * 2);
      await kill(first);
      const since = Date.now();
      const next = open();
      await untilWell(next);
      const recovery = Date.now() - since;
      await end(next);
      return recovery;
    },
    "the window is killed, and nobody comes": async () => {
      const only = open(shortGrace);
      await untilWell(only);
      await kill(only);
      const since = Date.now();
      await untilNothingIsLeft();
      return Date.now() - since;
    },
    "the window is loaded anew": async () => {
      const first = open();
      const pid = await untilWell(first);
      first.say("leave");
      await once(first.child, "exit");
      const since = Date.now();
      const next = open();
      expect(await untilWell(next)).toBe(pid);
      const recovery = Date.now() - since;
      await end(next);
      return recovery;
    },
    "the viewer is killed": async () => {
      const window = open();
      const pid = await untilWell(window);
      process.kill(pid, "SIGKILL");
      await until("it is noticed", () => window.now()?.viewer?.state === "failed", patience);
      expect(window.now()?.sync).toMatchObject({ state: "waiting", runs: 6 });
      const since = Date.now();
      window.say("restart");
      expect(await untilWell(window)).not.toBe(pid);
      const recovery = Date.now() - since;
      await end(window);
      return recovery;
    },
    "the disk of what we note is full": async () => {
      await rm(dataFolder, { recursive: true, force: true });
      await mkdir(dataFolder);
      mountDisk("size=1m,mode=700", dataFolder);
      try {
        const window = open();
        await untilWell(window);
        const filler = join(dataFolder, "filler");
        const fill = ["if=/dev/zero", `of=${filler}`, "bs=1k"];
        try {
          execFileSync("dd", fill, { stdio: "ignore" });
        } catch {
          // That is the point.
        }
        // What is new in the root has to be noted.
        const news = join(machine.root, "runs", "news");
        await mkdir(news);
        for (let file = 0; file < 200; file += 1) await mkdir(join(news, `${"long".repeat(20)}${file}`));
        await until("it is said", () => window.now()?.sync?.failure === "sync-no-space", patience);
        expect(await answers(window)).toBe(true);
        await rm(news, { recursive: true });
        await rm(filler);
        const since = Date.now();
        await untilWell(window);
        const recovery = Date.now() - since;
        await end(window);
        return recovery;
      } finally {
        await unmount(dataFolder).catch(() => execFileSync("umount", ["-l", dataFolder]));
      }
    },
  };
  const isLong = Number(process.env["FAULT_ROUNDS"] ?? 1) > 1;
  const isPossible = (name: string): boolean =>
    (!name.includes("disk") || process.getuid?.() === 0) && (isLong || !name.includes("while it starts"));
  const rounds = Object.keys(faults)
    .filter(isPossible)
    .flatMap((name) =>
      Array.from({ length: shareOfRounds(false) }, (_, round) => [name, round + 1] as const),
    );

  it.each(rounds)("%s (%i), and nothing is left or changed", { timeout: 120_000 }, async (name) => {
    before = stateOfTree(join(machine.root, "runs"));
    const recovery = (await faults[name]?.()) ?? 0;
    recoveries.set(name, [...(recoveries.get(name) ?? []), recovery]);
    const after = stateOfTree(join(machine.root, "runs"));
    // A folder of ours came and went there.
    const folder = join(machine.root, "runs");
    const others = (state: typeof before) => Object.entries(state).filter(([path]) => path !== folder);
    expect(others(after)).toEqual(others(before));
  });
});
