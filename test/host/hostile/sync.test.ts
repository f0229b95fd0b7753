import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import { type HostileHelper, hostileHelper, hostileTools } from "../../support/hostileHelper.js";
import { type Hostility, writeForEver } from "../../support/hostileSshServer.js";
import {
  type AttackedPrograms,
  type AttackReport,
  prepareAttackedPrograms,
} from "../../support/underAttack.js";

/** `npm run test:hostile` tries every listing that is too large, and larger ones. */
const isLong = process.env["HOSTILE_LONG"] === "1";

let programs: AttackedPrograms;
beforeAll(async () => {
  programs = await prepareAttackedPrograms();
});
afterAll(() => programs.dispose());

/** What a mirror comes to, however its host behaves: this much memory, and never busy for longer than this. */
async function mirror(hostility: Hostility, task = "mirror", limit?: number): Promise<AttackReport> {
  const report = await programs.doTask(task, hostility, limit);
  if (process.env["HOSTILE_REPORT"])
    console.log(expect.getState().currentTestName, JSON.stringify(report).slice(-250));
  expect(report.grownMegabytes).toBeLessThan(300 - report.megabytesBefore);
  // On a machine with nothing else to do; the short form runs beside others.
  expect(report.longestTask).toBeLessThan(process.env["HOSTILE_LONG"] ? 200 : 400);
  if (report.failure) {
    const { message, advice } = describeFailure(report.failure);
    expect(message).not.toBe("");
    expect(advice).not.toBe("");
  }
  return report;
}

const stampFields = (size: number): string => `${size} 1700000000.5 1700000000.5 7 644`;
const stamp = (size: number) => ({
  size,
  mtime: "1700000000.5",
  ctime: "1700000000.5",
  inode: "7",
  mode: 0o644,
});
const fileRecord = (path: string, size = 10): string => `f ${stampFields(size)} ${path}\0`;

/** Lists these records and then answers each read as `read` says. */
function lists(records: string, read?: (helper: HostileHelper, id: number) => void): Hostility {
  return hostileHelper((helper, { op, id }) => {
    if (op === "scan") {
      helper.say(id, { full: true, now: 1_800_000_000 });
      helper.frame("N", id, records);
      helper.say(id, { end: true });
    } else if (op === "read") read?.(helper, id);
  });
}

/** Frames of records without an end, each made anew. */
function listsForEver(makeFrame: (index: number) => string): Hostility {
  return hostileHelper((helper, { op, id }) => {
    if (op !== "scan") return;
    helper.say(id, { full: true, now: 1_800_000_000 });
    let index = 0;
    const more = (): void => {
      if (!helper.channel.writable) return;
      helper.frame("N", id, makeFrame(index));
      index += 1;
      if (helper.channel.writableLength < 4 << 20) setImmediate(more);
      else helper.channel.once("drain", more);
    };
    more();
  });
}

const manyRecords = (index: number): string =>
  Array.from({ length: 2_000 }, (_, one) => fileRecord(`runs/${index}/${one}.png`)).join("");

describe("a listing", () => {
  const tooLarge: readonly (readonly [string, Hostility])[] = [
    ["of files without an end", listsForEver(manyRecords)],
    [
      "of folders in folders without an end",
      listsForEver((index) => `d ${stampFields(0)} ${`${index}/`.repeat(2_000)}end\0`.repeat(4)),
    ],
    ["of the same file over and over", listsForEver(() => fileRecord("runs/a/meta.json").repeat(4_000))],
    [
      "of names as long as can be",
      listsForEver((index) =>
        Array.from({ length: 16 }, (_, one) => fileRecord(`${index}-${one}-${"x".repeat(16_000)}`)).join(""),
      ),
    ],
    [
      "of folders that cannot be listed",
      listsForEver((index) =>
        Array.from({ length: 2_000 }, (_, one) => `! denied runs/${index}/${one}/${"x".repeat(100)}\0`).join(
          "",
        ),
      ),
    ],
    ["of records of one byte", listsForEver(() => "\0".repeat(200_000))],
  ];
  it.each(isLong ? tooLarge : tooLarge.slice(0, 2))("%s: the root is too large", async (_what, hostility) => {
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-root-too-large" });
  });

  it.each([
    ["of a name without an end", listsForEver(() => "x".repeat(250_000))],
    ["whose frame is said to have 2 GiB", hostileHelper(({ frame }, { id }) => frame("N", id, "x", 2 ** 31))],
    [
      "whose facts are said to have 2 GiB",
      hostileHelper(({ frame }, { id }) => frame("J", id, "{", 2 ** 31)),
    ],
    ["that is no frame", hostileHelper(({ channel }) => writeForEver(channel, Buffer.alloc(32_000, "x")))],
    ["that answers another request", hostileHelper(({ frame }, { id }) => frame("N", id + 1, "x\0"))],
    ["whose facts are nonsense", hostileHelper(({ say }, { id }) => say(id, { full: [], now: "x" }))],
  ] as const)("%s: the helper failed", async (_what, hostility) => {
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-helper-failed" });
  });

  it("whose end the host keeps to itself: the helper failed", async () => {
    const hostility = hostileHelper(({ channel }) => channel.eof());
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-helper-failed" });
  });

  const patience = 300_000;
  const million = "of a million files less a few: what smart mode keeps of them is found";
  it.skipIf(!isLong)(million, { timeout: patience }, async () => {
    const most = 990_000;
    const frames = most / 2_000;
    const hostility = hostileHelper((helper, { op, id }) => {
      if (op !== "scan") return;
      helper.say(id, { full: true, now: 1_800_000_000 });
      for (let index = 0; index < frames; index += 1) helper.frame("N", id, manyRecords(index));
      helper.say(id, { end: true });
    });
    const { result } = await mirror(hostility, "smart", patience);
    expect(result).toMatchObject({ state: "waiting", entries: most });
  });

  it("while standard error never ends: what is listed comes", async () => {
    const hostility = hostileHelper((helper, { op, id }) => {
      writeForEver(helper.channel.stderr, Buffer.from("complaint ".repeat(1_000)));
      helper.say(id, op === "scan" ? { full: true, now: 1_800_000_000 } : {});
      helper.say(id, { end: true });
    });
    expect((await mirror(hostility)).result).toMatchObject({ state: "waiting" });
  });
});

describe("a file", () => {
  const one = fileRecord("runs/a/model.bin");
  const begin = (helper: HostileHelper, id: number, size = 10): void =>
    helper.say(id, { i: 0, start: 0, age: 100, stamp: stamp(size) });

  it("of ten bytes that does not end", async () => {
    const hostility = lists(one, (helper, id) => {
      begin(helper, id);
      helper.frame("D", id, "", Number.MAX_SAFE_INTEGER % 1e15);
      writeForEver(helper.channel, Buffer.alloc(32_000));
    });
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-helper-failed" });
  });

  it("that is shorter than it was said to be is not stored", async () => {
    const hostility = lists(one, (helper, id) => {
      begin(helper, id);
      helper.frame("D", id, "abc");
      helper.say(id, { i: 0, done: true });
      helper.say(id, { end: true });
    });
    expect((await mirror(hostility)).result).toMatchObject({
      skipped: [{ path: "runs/a/model.bin", why: "changing" }],
    });
  });

  it("that is packed, and becomes a thousand times as much", async () => {
    const { deflateSync } = await import("node:zlib");
    const bomb = deflateSync(Buffer.alloc(500 << 20));
    expect(bomb.length).toBeLessThan(1 << 20);
    const hostility = lists(fileRecord("runs/a/model.bin", 1 << 30), (helper, id) => {
      begin(helper, id, 1 << 30);
      helper.frame("Z", id, bomb);
    });
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-helper-failed" });
  });

  it("of ten bytes that turns out to have more than the disk: there is no room", async () => {
    const hostility = lists(one, (helper, id) => {
      begin(helper, id, 2 ** 50);
      helper.frame("D", id, "", 2 ** 49);
      writeForEver(helper.channel, Buffer.alloc(32_000));
    });
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-no-space" });
  });

  it("that was not announced, or has invalid metadata", async () => {
    const unannounced = lists(one, (helper, id) => helper.frame("D", id, "abc"));
    expect((await mirror(unannounced)).failure).toMatchObject({ code: "sync-helper-failed" });
    const odd = lists(one, (helper, id) =>
      helper.say(id, { i: 0, start: -1, stamp: { ...stamp(10), inode: "7".repeat(40_000) } }),
    );
    expect((await mirror(odd)).failure).toMatchObject({ code: "sync-helper-failed" });
  });

  const many = isLong ? 100_000 : 10_000;
  it(`of ${many} that may not be read: all are told of`, async () => {
    const records = Array.from({ length: many }, (_, index) => fileRecord(`runs/a/${index}.png`)).join("");
    const hostility = hostileHelper((helper, { op, id, files = [] }) => {
      if (op === "scan") {
        helper.say(id, { full: true, now: 1_800_000_000 });
        for (let at = 0; at < records.length;) {
          const end = records.indexOf("\0", Math.min(records.length - 1, at + 200_000)) + 1;
          helper.frame("N", id, records.slice(at, end));
          at = end;
        }
      } else files.forEach((_, i) => helper.say(id, { i, error: "denied" }));
      helper.say(id, { end: true });
    });
    expect((await mirror(hostility)).result).toMatchObject({ skippedCount: many });
  });
});

describe("the tools of a host without Python", () => {
  it("that list without an end: the root is too large", async () => {
    const records = Buffer.from(manyRecords(0));
    const hostility = hostileTools((channel) => writeForEver(channel, records));
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-root-too-large" });
  });

  it.each([
    ["that name something without an end", Buffer.alloc(250_000, "x")],
    ["that print nothing but line ends", Buffer.alloc(250_000, "\n")],
  ])("%s: reading failed", async (_what, chunk) => {
    const hostility = hostileTools((channel) => writeForEver(channel, chunk));
    expect((await mirror(hostility)).failure).toMatchObject({ code: "sync-helper-failed" });
  });

  it("whose end the host keeps to itself: what they listed is there", async () => {
    const hostility = hostileTools((channel) => {
      channel.write("T 1700000000\0E ok\0");
      channel.eof();
    });
    expect((await mirror(hostility)).result).toMatchObject({ state: "waiting" });
  });

  it("that end in the middle: reading failed, in the words of the host made fit for a screen", async () => {
    const hostility = hostileTools((channel) => {
      channel.write(`T 1700000000\0${fileRecord("runs/a/meta.json")}f 10`);
      channel.stderr.write(`\x1b]0;title\x07${"complaint ".repeat(100_000)}`);
      channel.exit(1);
      channel.end();
    });
    const { failure } = await mirror(hostility);
    expect(failure).toMatchObject({ code: "sync-helper-failed" });
    const { output } = failure as { readonly output?: string };
    expect(output?.length).toBeLessThan(20_000);
    expect(output).not.toMatch(/[\x00-\x1f]/);
  });
});
