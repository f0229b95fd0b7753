import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandResult } from "../../../../src/relay/protocol/serverMessages.js";
import { type Journal, openJournal } from "../../../../src/relay/journal/journal.js";
import { until } from "../../../support/until.js";

let folder: string;
let file: string;
const apiKey = "k".repeat(32);
const result = (stdout: string): CommandResult => ({ stdout, stderr: "", exitCode: 0 });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "journal-"));
  file = join(folder, "deep", "a.journal");
});
afterEach(() => rm(folder, { recursive: true }));

async function reopened(journal: Journal, key = apiKey): Promise<Journal> {
  await journal.close();
  return openJournal({ file, apiKey: key });
}

/** How often this process has the journal, or the one beside it, open. Linux only. */
async function openHandles(): Promise<number> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return links.filter((path) => path.startsWith(file)).length;
}

describe("the journal", () => {
  it("remembers, across a restart, what waited, began, ended and was received", async () => {
    const journal = await openJournal({ file, apiKey });
    await journal.queue("queued");
    await journal.queue("begun");
    await journal.begin("begun");
    await journal.queue("ended");
    await journal.begin("ended");
    await journal.finish("ended", result("a"));
    await journal.finish("never begun", result("b"));
    await journal.begin("received");
    await journal.finish("received", result("c"));
    await journal.acknowledge("received");
    const after = await reopened(journal);
    expect(after.unfinished()).toEqual({ queued: ["queued"], begun: ["begun"] });
    expect([...after.unacknowledged()]).toEqual(["ended", "never begun"]);
    expect(await after.result("ended")).toEqual(result("a"));
    expect(await after.result("received")).toEqual(result("c"));
    expect(after.find("received")?.state).toBe("acknowledged");
    expect(after.find("unheard of")).toBeUndefined();
    await after.close();
  });

  it("keeps the order in which commands ended", async () => {
    const journal = await openJournal({ file, apiKey });
    await Promise.all([journal.begin("first"), journal.begin("second")]);
    await journal.finish("second", result("2"));
    await journal.finish("first", result("1"));
    const after = await reopened(journal);
    expect([...after.unacknowledged()]).toEqual(["second", "first"]);
    await after.close();
  });

  it("is readable by nobody else, and holds nothing of a result in clear", async () => {
    const journal = await openJournal({ file, apiKey });
    await journal.finish("a", result("canary of a result"));
    await journal.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("canary");
    expect(text).not.toContain(apiKey);
  });

  it("does not open a result with another key, and does not take it for another command's", async () => {
    const journal = await openJournal({ file, apiKey });
    await journal.finish("a", result("1"));
    await journal.finish("b", result("2"));
    const other = await reopened(journal, "x".repeat(32));
    expect(other.find("a")?.state).toBe("finished");
    expect(await other.result("a")).toBeUndefined();
    await other.close();
    const swapped = (await readFile(file, "utf8")).replaceAll('"a"', '"c"').replaceAll('"b"', '"a"');
    await writeFile(file, swapped);
    const after = await openJournal({ file, apiKey });
    expect(await after.result("a")).toBeUndefined();
    await after.close();
  });

  it("survives a line that was cut short at any byte, and goes on behind it", async () => {
    const journal = await openJournal({ file, apiKey });
    await journal.begin("a");
    const { size: whole } = await stat(file);
    await journal.finish("a", result("x"));
    await journal.close();
    const bytes = await readFile(file);
    for (let length = whole; length < bytes.length; length += 7) {
      await writeFile(file, bytes);
      await truncate(file, length);
      const after = await openJournal({ file, apiKey });
      expect(after.unfinished().begun).toEqual(["a"]);
      await after.finish("a", result("y"));
      const again = await reopened(after);
      expect(await again.result("a")).toEqual(result("y"));
      await again.close();
    }
  });

  it("skips invalid lines", async () => {
    const journal = await openJournal({ file, apiKey });
    await journal.finish("a", result("1"));
    await journal.close();
    await appendFile(file, '\0\xff\n{"kind":"begun"}\n[]\n{"kind":"finished","id":"z","result":"AAAA"}\n');
    const after = await openJournal({ file, apiKey });
    expect(await after.result("a")).toEqual(result("1"));
    expect(await after.result("z")).toBeUndefined();
    expect(after.find("z")?.state).toBe("finished");
    await after.close();
  });

  it("forgets the oldest that were received when there are too many, then the oldest that were not", async () => {
    const limits = { commands: 10, bytes: 1_000_000 };
    const journal = await openJournal({ file, apiKey, limits });
    for (let index = 0; index < 30; index += 1) {
      await journal.finish(`c${index}`, result("x"));
      if (index % 2 === 0) await journal.acknowledge(`c${index}`);
    }
    await journal.close();
    const after = await openJournal({ file, apiKey, limits });
    // Fifteen were not received: too many by themselves.
    expect([...after.unacknowledged()]).toEqual([11, 13, 15, 17, 19, 21, 23, 25, 27, 29].map((n) => `c${n}`));
    expect(after.find("c28")).toBeUndefined();
    await after.close();
  });

  it("keeps the newest results when they take too much room, and what was not received before all others", async () => {
    const limits = { commands: 100, bytes: 10_000 };
    const journal = await openJournal({ file, apiKey, limits });
    await journal.finish("unreceived", result("u".repeat(1_000)));
    for (let index = 0; index < 20; index += 1) {
      await journal.finish(`c${index}`, result("x".repeat(1_000)));
      await journal.acknowledge(`c${index}`);
    }
    await journal.close();
    const after = await openJournal({ file, apiKey, limits });
    expect((await stat(file)).size).toBeLessThan(14_000);
    expect(await after.result("unreceived")).toEqual(result("u".repeat(1_000)));
    expect(await after.result("c19")).toBeDefined();
    expect(await after.result("c0")).toBeUndefined();
    expect(after.find("c0")?.state).toBe("acknowledged");
    await after.close();
  });

  it("is compacted while in use, without losing concurrent records", async () => {
    const limits = { commands: 50, bytes: 100_000 };
    const journal = await openJournal({ file, apiKey, limits });
    const output = "x".repeat(300_000);
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await journal.begin(`c${index}`);
        await journal.finish(`c${index}`, result(index % 10 === 0 ? "small" : output));
        if (index % 10 !== 0) await journal.acknowledge(`c${index}`);
      }),
    );
    for (const index of [0, 10, 20, 30]) expect(await journal.result(`c${index}`)).toEqual(result("small"));
    expect((await stat(file)).size).toBeLessThan(40 * 300_000);
    const after = await reopened(journal);
    expect([...after.unacknowledged()].sort()).toEqual(["c0", "c10", "c20", "c30"]);
    for (const index of [0, 10, 20, 30]) expect(await after.result(`c${index}`)).toEqual(result("small"));
    await after.close();
  });

  it("remembers acknowledgements and starts during a compaction", async () => {
    const journal = await openJournal({ file, apiKey });
    const ids = Array.from({ length: 1_000 }, (_, index) => `c${index}`);
    await Promise.all(ids.map((id) => journal.finish(id, result("x"))));
    const large = journal.finish("large", result("x".repeat(5_000_000)));
    const isWriting = (): boolean => existsSync(`${file}.small.new`);
    await until("it gets smaller", isWriting);
    void journal.begin("new");
    const during: Promise<void>[] = [];
    for (const id of ids) {
      during.push(journal.acknowledge(id));
      await nextTurn();
    }
    await Promise.all([large, ...during]);
    expect(journal.find("new")?.state).toBe("begun");
    expect([...journal.unacknowledged()]).toEqual(["large"]);
    const after = await reopened(journal);
    expect([...after.unacknowledged()]).toEqual(["large"]);
    expect(after.unfinished().begun).toEqual(["new"]);
    await after.close();
  });

  it("goes on with a longer journal where no smaller one can be written", async () => {
    const journal = await openJournal({ file, apiKey, limits: { commands: 5, bytes: 100_000 } });
    await mkdir(`${file}.small.new`);
    for (let index = 0; index < 12; index += 1) {
      await journal.finish(`c${index}`, result("x".repeat(1_000_000)));
      await journal.acknowledge(`c${index}`);
    }
    expect((await stat(file)).size).toBeGreaterThan(12_000_000);
    await rm(`${file}.small.new`, { recursive: true });
    for (let index = 12; index < 24; index += 1) {
      await journal.finish(`c${index}`, result("x".repeat(1_000_000)));
      await journal.acknowledge(`c${index}`);
    }
    expect((await stat(file)).size).toBeLessThan(12_000_000);
    await journal.close();
  });

  it("leaves nothing open when it is closed, or cannot be opened", async () => {
    const journal = await openJournal({ file, apiKey });
    expect(await openHandles()).toBe(1);
    await journal.close();
    expect(await openHandles()).toBe(0);
    await mkdir(`${file}.small.new`);
    await expect(openJournal({ file, apiKey })).rejects.toThrow();
    expect(await openHandles()).toBe(0);
  });
});
