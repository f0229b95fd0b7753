import { describe, expect, it } from "vitest";
import { reduceSync, type SyncEvent, type SyncState } from "../../../src/sync/syncState.js";

const failure = { code: "connection-lost" };
const progress = { doneFiles: 1, totalFiles: 2, doneBytes: 3, totalBytes: 4 };
const waiting: SyncState = { kind: "waiting", nextAt: 5 };
const cases: readonly (readonly [string, SyncState, SyncEvent, SyncState])[] = [
  ["a first scan", { kind: "stopped" }, { kind: "scanning" }, { kind: "scanning" }],
  ["a scan that is no news", waiting, { kind: "scanning" }, waiting],
  [
    "a scan after a failure",
    { kind: "failed", failure, nextAt: 1 },
    { kind: "scanning" },
    { kind: "scanning" },
  ],
  ["files that come", waiting, { kind: "transferring", ...progress }, { kind: "transferring", ...progress }],
  [
    "a pass that is done",
    { kind: "scanning" },
    { kind: "pass-done", nextAt: 9 },
    { kind: "waiting", nextAt: 9 },
  ],
  ["a lost link", waiting, { kind: "connection-lost", failure }, { kind: "offline", failure }],
  ["a failure", waiting, { kind: "pass-failed", failure, nextAt: 9 }, { kind: "failed", failure, nextAt: 9 }],
  ["a stop", { kind: "offline", failure }, { kind: "stop-requested" }, { kind: "stopped" }],
];

describe("the state of a synchronised root", () => {
  it.each(cases)("after %s", (_name, state, event, expected) => {
    expect(reduceSync(state, event)).toEqual(expected);
  });
});
