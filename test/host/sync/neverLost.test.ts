import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onlyGrows } from "../../../src/sync/runIndex/layout.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import { bundleProgram } from "../../support/bundleProgram.js";
import { createTestClient, type TestClient } from "../../support/client.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

/** How often the host changes; `npm run test:sync-losses` has it change many times. */
const rounds = Number(process.env["SYNC_LOSSES"] ?? 15);
const seed = Number(process.env["SYNC_LOSSES_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Milliseconds, on a busy machine. */
const patience = 60_000 + rounds * 15_000;

const random = numbersFrom(seed);
const below = (end: number): number => Math.floor(random() * end);
const oneOf = <T>(all: readonly T[]): T | undefined => all[below(all.length)];

/** mulberry32: the same numbers for the same seed. */
function numbersFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

const textOf = (file: string): Promise<string | undefined> => readFile(file, "latin1").catch(() => undefined);

/** A host whose files come, grow, shrink, move, go, come back and become folders, and folders files. */
class Host {
  /** Files that went and of which no pass has told since: what comes back in their place is the same file, rewritten. */
  readonly unseen = new Set<string>();
  readonly root: string;
  readonly #folders = ["runs/a/1", "runs/a/2", "runs/b/1", "runs/b", "other", "runs/a/1/deep"];
  readonly #names = ["events.jsonl", "logs.txt", "weights.pt", "notes", "a", "b"];
  #written = 0;

  constructor(root: string) {
    this.root = root;
  }

  async change(): Promise<string> {
    const changes = [
      () => this.#create(),
      () => this.#create(),
      () => this.#append(),
      () => this.#shorten(),
      () => this.#remove(),
      () => this.#removeFolder(),
      () => this.#swapToFolder(),
      () => this.#swapToFile(),
      () => this.#move(),
      () => this.#writeAnew(),
    ];
    return (await oneOf(changes)?.()) ?? "nothing";
  }

  at(path: string): string {
    return join(this.root, path);
  }

  #text(): string {
    this.#written += 1;
    return `${this.#written}:${"x".repeat(below(3_000))}:${this.#written}\n`;
  }

  async #any(): Promise<string | undefined> {
    return oneOf(await filesIn(this.root));
  }

  async #create(path = `${oneOf(this.#folders)}/${oneOf(this.#names)}`): Promise<string | undefined> {
    if (this.unseen.has(path) || (await textOf(this.at(path))) !== undefined) return undefined;
    try {
      await mkdir(dirname(this.at(path)), { recursive: true });
      await writeFile(this.at(path), this.#text(), { flag: "wx" });
      return `create ${path}`;
    } catch {
      // A file is where its folder would be, or a folder where it would be.
      return undefined;
    }
  }

  async #append(): Promise<string | undefined> {
    const path = await this.#any();
    if (path === undefined || this.unseen.has(path)) return undefined;
    await appendFile(this.at(path), this.#text());
    return `append ${path}`;
  }

  async #shorten(): Promise<string | undefined> {
    const path = await this.#any();
    const text = path === undefined ? undefined : await textOf(this.at(path));
    if (path === undefined || !text) return undefined;
    // Not to nothing: that is how whoever rewrites a file begins.
    await truncate(this.at(path), 1 + below(text.length - 1));
    // What grows again before it was seen to be shorter is a file that was rewritten.
    this.unseen.add(path);
    return `shorten ${path}`;
  }

  /** What Runicorn only appends to begins anew, and is longer at once. */
  async #writeAnew(): Promise<string | undefined> {
    const path = oneOf((await filesIn(this.root)).filter(onlyGrows));
    if (path === undefined) return undefined;
    const text = await textOf(this.at(path));
    await writeFile(this.at(path), `${this.#text()}${"y".repeat(text?.length ?? 0)}`);
    return `write anew ${path}`;
  }

  async #remove(): Promise<string | undefined> {
    const path = await this.#any();
    if (path === undefined) return undefined;
    await this.#drop(path);
    return `remove ${path}`;
  }

  async #removeFolder(): Promise<string | undefined> {
    const folder = oneOf(this.#folders);
    if (folder === undefined) return undefined;
    await this.#drop(folder);
    return `remove ${folder}/`;
  }

  async #drop(path: string): Promise<void> {
    this.unseen.add(path);
    for (const one of await filesIn(this.at(path))) this.unseen.add(`${path}/${one}`);
    // Where a file stands in the place of a folder above, there is nothing.
    await rm(this.at(path), { recursive: true, force: true }).catch(() => undefined);
  }

  async #swapToFolder(): Promise<string | undefined> {
    const path = await this.#any();
    if (path === undefined) return undefined;
    await this.#drop(path);
    await this.#create(`${path}/a`);
    return `folder for file ${path}`;
  }

  async #swapToFile(): Promise<string | undefined> {
    const folder = oneOf(this.#folders);
    if (folder === undefined || this.unseen.has(folder)) return undefined;
    if ((await textOf(this.at(folder))) !== undefined) return undefined;
    await this.#drop(folder);
    this.unseen.delete(folder);
    await this.#create(folder);
    return `file for folder ${folder}`;
  }

  async #move(): Promise<string | undefined> {
    const [from, to] = [
      oneOf([...this.#folders, ...(await filesIn(this.root))]),
      `${oneOf(this.#folders)}/${oneOf(this.#names)}`,
    ];
    if (from === undefined || this.unseen.has(to) || (await textOf(this.at(to))) !== undefined)
      return undefined;
    const moved = await filesIn(this.at(from));
    if (moved.some((one) => this.unseen.has(`${to}/${one}`))) return undefined;
    try {
      await mkdir(dirname(this.at(to)), { recursive: true });
      await rename(this.at(from), this.at(to));
    } catch {
      return undefined;
    }
    for (const path of [from, ...moved.map((one) => `${from}/${one}`)]) this.unseen.add(path);
    return `move ${from} to ${to}`;
  }
}

/** Everything that was ever seen in a copy, by path. */
class Witness {
  readonly #seen = new Map<string, string[]>();

  async look(copy: string): Promise<void> {
    for (const path of await filesIn(copy)) {
      const text = await textOf(join(copy, path));
      if (!text) continue;
      const known = this.#seen.get(path) ?? [];
      if (known.some((one) => one.startsWith(text))) continue;
      this.#seen.set(path, [...known.filter((one) => !text.startsWith(one)), text]);
    }
  }

  /** What of it is neither in its place nor set aside. */
  async missing(copy: string): Promise<string[]> {
    const aside = join(copy, "..", "set-aside");
    const places = [copy, ...(await readdir(aside).catch(() => [])).map((name) => join(aside, name))];
    const missing: string[] = [];
    for (const [path, texts] of this.#seen) {
      const here = await Promise.all(places.map((place) => textOf(join(place, path))));
      for (const text of texts) {
        if (!here.some((one) => one?.startsWith(text)))
          missing.push(`${path}: ${text.slice(0, 20)}, ${text.length}`);
      }
    }
    return missing;
  }
}

describe(`a mirror that keeps what the host deletes (seed ${seed})`, () => {
  let sshd: Sshd;
  let clients: readonly TestClient[];
  let dataFolder: string;
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    sshd = await startSshd();
    clients = await Promise.all([createTestClient(), createTestClient()]);
    dataFolder = await mkdtemp(join(tmpdir(), "never-lost-"));
    program = await bundleProgram("test/support/syncProcess.ts");
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await sshd.stop();
    await program.remove();
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  });

  it(
    `loses no byte that was ever copied, through ${rounds} changes, two windows, and programs that are killed`,
    async () => {
      const host = new Host(join(sshd.home, "root"));
      await mkdir(host.root);
      const witness = new Witness();
      const windows: Syncs[] = [];
      const request = { root: host.root, mode: "mirror", interval: 0.05, wanted: true } as const;
      let id = "";
      const open = async (index: number): Promise<void> => {
        await windows[index]?.close();
        const { connections } = clients[index]!;
        const connection = connections.all[0] ?? (await clients[index]!.connectTo(sshd));
        const window = createTestSyncs(connections, dataFolder);
        windows[index] = window;
        ({ id } = await window.start(connection, { ...request, ...(id === "" && { keepGone: true }) }));
      };
      const settle = (window: Syncs): Promise<void> =>
        until(
          "the host was seen whole",
          async () => {
            const before = (await window.get(id))?.stats.scans ?? 0;
            await window.syncNow(id);
            const { state, stats } = (await window.get(id)) ?? {};
            if (state?.kind === "failed" && state.failure.code === "sync-much-gone")
              await window.removeGone(id);
            return state?.kind !== "failed" && (stats?.scans ?? 0) > before;
          },
          60_000,
        );
      await open(0);
      await open(1);
      const copy = windows[0]!.folder(id);
      const done: string[] = [];
      let excluded: readonly string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        for (let count = below(4); count >= 0; count -= 1) done.push(await host.change());
        await witness.look(copy);
        const way = below(6);
        if (way === 0) await killOne(below(400));
        else if (way === 1) await open(below(2));
        else if (way === 2) await choose(windows[below(2)]!, oneOf([[], ["*.pt"], ["a"]]) ?? []);
        done.push(["a program is killed", "a window is opened anew", "another choice"][way] ?? "a pass");
        await witness.look(copy);
        await settle(windows[below(2)]!);
        // What is excluded is as it was: what became of it meanwhile is seen when it is excluded no longer.
        if (excluded.length === 0) host.unseen.clear();
        await witness.look(copy);
        expect(await witness.missing(copy), `seed ${seed}: ${done.slice(-30).join("; ")}`).toEqual([]);
      }
      await choose(windows[0]!, []);
      await settle(windows[0]!);
      for (const path of await filesIn(host.root)) {
        expect(await textOf(join(copy, path)), path).toBe(await textOf(host.at(path)));
      }
      await Promise.all(windows.map((window) => window.close()));

      async function choose(window: Syncs, exclude: readonly string[]): Promise<void> {
        excluded = exclude;
        const { connections } = clients[windows.indexOf(window)]!;
        await window.start(connections.all[0]!, { ...request, exclude });
      }
    },
    patience,
  );

  /** @param life milliseconds of its first passes. */
  async function killOne(life: number): Promise<void> {
    const root = join(sshd.home, "root");
    const arguments_ = [program.file, String(sshd.port), sshd.identityFile, root, dataFolder];
    const child: ChildProcess = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout!, "data");
    await delay(life);
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});
