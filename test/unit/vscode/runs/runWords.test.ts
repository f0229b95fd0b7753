import { describe, expect, it } from "vitest";
import type { Skipped } from "../../../../src/sync/pass/skips.js";
import type { Sync, SyncState } from "../../../../src/sync/syncState.js";
import { syncStateText } from "../../../../src/vscode/runs/runWords.js";

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
