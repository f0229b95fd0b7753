import { describe, expect, it } from "vitest";
import type { Skipped } from "../../../../src/sync/pass/skips.js";
import type { Sync, SyncState } from "../../../../src/sync/syncState.js";
import type { Run } from "../../../../src/sync/runIndex/runs.js";
import { runWith } from "../../../support/runs/runTable.js";
import {
  runLabel,
  runStateText,
  syncRowText,
  syncStateText,
  syncTitle,
} from "../../../../src/vscode/runKit/runWords.js";

const sync = (state: SyncState, changes: Partial<Sync> = {}): Sync => ({
  id: "0",
  connectionId: "gpu",
  host: "gpu",
  target: { host: "gpu" },
  root: "/runs",
  mode: "mirror",
  interval: 2,
  keepGone: false,
  exclude: [],
  wanted: true,
  state,
  syncedAt: Date.now(),
  startedAt: undefined,
  skipped: [],
  stats: { copiedFiles: 0, transferredBytes: 0, scans: 0 },
  ...changes,
});

const skipped: readonly Skipped[] = [{ path: "a/events.jsonl", why: "denied" }];

describe("a root says", () => {
  it.each<[string, Sync]>([
    ["mirror paused, updated just now", sync({ kind: "stopped" })],
    ["mirror stopped, updated just now", sync({ kind: "stopped" }, { wanted: false })],
    ["smart paused, nothing copied yet", sync({ kind: "stopped" }, { mode: "smart", syncedAt: undefined })],
    ["mirror, updated just now", sync({ kind: "waiting", nextAt: 0 })],
    ["mirror, updated just now, not copied: 1", sync({ kind: "waiting", nextAt: 0 }, { skipped })],
    ["mirror paused, updated just now, not copied: 1", sync({ kind: "stopped" }, { skipped })],
  ])("%s", (text, one) => {
    expect(syncStateText(one)).toBe(text);
  });
});

describe("the row of a root that is being copied", () => {
  const copying = (doneBytes: number, totalBytes = 1000): Sync =>
    sync({ kind: "transferring", doneFiles: 1, totalFiles: 4, doneBytes, totalBytes });

  it.each([
    ["mirror, copying, 0 %", copying(0)],
    ["mirror, copying, 30 %", copying(399)],
    ["mirror, copying, 100 %", copying(1200)],
    ["mirror, copying, 20 %", copying(0, 0)],
  ])("says %s", (text, one) => {
    expect(syncRowText(one)).toBe(text);
  });

  it("says anything else as everywhere", () => {
    expect(syncRowText(sync({ kind: "stopped" }))).toBe(syncStateText(sync({ kind: "stopped" })));
  });
});

describe("a root that is read where it lies", () => {
  const inPlace: Partial<Sync> = { mode: "in-place", host: "this machine", target: { host: "this machine" } };

  it.each<[string, Sync]>([
    ["on this machine", sync({ kind: "waiting", nextAt: 0 }, inPlace)],
    [
      "on this machine · looking for changes…",
      sync({ kind: "scanning" }, { ...inPlace, syncedAt: undefined }),
    ],
    [
      "on this machine · paused · listed just now",
      sync({ kind: "stopped" }, { ...inPlace, syncedAt: Date.now() }),
    ],
    [
      "on this machine · stopped",
      sync({ kind: "stopped" }, { ...inPlace, wanted: false, syncedAt: undefined }),
    ],
    [
      "on this machine · not readable: 1",
      sync({ kind: "waiting", nextAt: 0 }, { ...inPlace, skipped: [{ path: "x", why: "denied" }] }),
    ],
  ])("is said to be %s", (text, one) => {
    expect(syncStateText(one)).toBe(text);
  });

  it("is named without quotes", () => {
    expect(syncTitle(sync({ kind: "stopped" }, inPlace))).toBe("runs · this machine");
  });
});

const run = (changes: Partial<Run>): Run =>
  runWith({
    syncId: "0",
    id: "20261128_191622_692ecb",
    folder: "runs/vision/20261128_191622_692ecb",
    path: "vision",
    project: "vision",
    name: "",
    createdAt: Date.now() / 1000,
    bestMetric: { name: "acc", value: 0.940_213, mode: "max" },
    ...changes,
  });

describe("a run", () => {
  it.each<[string, Partial<Run>]>([
    ["692ecb", {}],
    ["mixup", { alias: "mixup" }],
    ["an-id-of-another-kind", { id: "an-id-of-another-kind" }],
  ])("is called %s", (name, changes) => {
    expect(runLabel(run(changes))).toBe(name);
  });

  it.each<[string, Partial<Run>]>([
    ["finished · 0.9402 acc · just now", {}],
    ["0.9402 acc · running, started just now", { status: "running" }],
    ["running", { status: "running", bestMetric: undefined, createdAt: undefined }],
  ])("says its state once: %s", (text, changes) => {
    expect(runStateText(run(changes))).toBe(text);
  });
});
