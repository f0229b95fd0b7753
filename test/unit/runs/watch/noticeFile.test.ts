import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changeNotices, type Notice, readNotices } from "../../../../src/runs/watch/noticeFile.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notices-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const notice: Notice = {
  number: 1,
  label: "mixup",
  at: 5,
  news: { runId: "a", kind: "stalled", seconds: 90 },
};

it("nothing is written for a copy that was removed", async () => {
  await changeNotices(folder, (before) => ({ ...before, next: 7 }));
  expect((await readNotices(folder)).next).toBe(1);
});

it("concurrent changes of two windows are all saved", async () => {
  await writeFile(join(folder, "sync.json"), "{}");
  await Promise.all(
    Array.from({ length: 20 }, () =>
      changeNotices(folder, (before) => ({
        ...before,
        unseen: [...before.unseen, { ...notice, number: before.next }],
        next: before.next + 1,
      })),
    ),
  );
  const { unseen, next } = await readNotices(folder);
  expect(unseen.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(next).toBe(21);
});

it("numbers that JSON does not know come back", async () => {
  const news = { runId: "a", kind: "not-finite", metric: "m", step: Number.NaN, value: "NaN" } as const;
  await changeNotices(folder, (before) => ({ ...before, unseen: [{ ...notice, news }] }));
  expect((await readNotices(folder)).unseen).toEqual([{ ...notice, news }]);
});

it("the folders of runs come back, and what an earlier version wrote without them is read", async () => {
  const rule = { finished: true, failed: false, notFinite: false, thresholds: [], since: 1 };
  const ofRun = (folder: object) => ({ ...rule, scope: { kind: "run" as const, id: "a", ...folder } });
  const rules = [ofRun({}), ofRun({ folder: "runs/a" })];
  const unseen = [notice, { ...notice, news: { ...notice.news, folder: "runs/a" } }];
  await changeNotices(folder, (before) => ({ ...before, rules, unseen }));
  expect(await readNotices(folder)).toMatchObject({ rules, unseen });
});

it("runs come back whatever their ids are", async () => {
  const known = {
    isAlive: true,
    gone: 0,
    goneAt: 0,
    isElsewhere: false,
    isUnread: false,
    wasNotFinite: false,
  };
  const ids = ["__proto__", "constructor", "toString", "a"];
  const runs = Object.fromEntries(ids.map((id) => [id, { ...known, reached: ["acc > 0.9"] }]));
  await changeNotices(folder, (before) => ({ ...before, known: runs }));
  expect(Object.entries((await readNotices(folder)).known)).toEqual(Object.entries(runs));
});

it("what is the same is not written again", async () => {
  const before = await readFile(join(folder, "notices.json"));
  await changeNotices(folder, (book) => book);
  expect((await readFile(join(folder, "notices.json"))).equals(before)).toBe(true);
});

it.each([
  "",
  "{",
  "[]",
  '{"rules":7}',
  '{"rules":[],"known":[],"unseen":[],"next":"x"}',
  '{"rules":[],"known":[],"unseen":[],"next":7}',
])("%j is an empty one", async (text) => {
  await writeFile(join(folder, "notices.json"), text);
  expect(await readNotices(folder)).toEqual({ rules: [], known: {}, unseen: [], next: 1 });
});
