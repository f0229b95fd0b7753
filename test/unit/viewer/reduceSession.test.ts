import { describe, expect, it } from "vitest";
import { reduceSession, type SessionEvent } from "../../../src/viewer/reduceSession.js";
import type { ReconnectWait, RemoteViewer, SessionState } from "../../../src/viewer/session.js";

const remote: RemoteViewer = {
  pid: 1,
  startTime: "2",
  supervisor: { pid: 2, startTime: "1" },
  port: 3,
  runicornVersion: "0.7.2",
};
const failure = { code: "connection-lost" };
const launching: SessionState = { kind: "starting", phase: "launching", remote: undefined };
const opening: SessionState = { kind: "starting", phase: "opening-tunnel", remote };
const running: SessionState = { kind: "running", remote, localPort: 4 };
const stopping: SessionState = { kind: "stopping", remote };
const stopped: SessionState = { kind: "stopped" };
const failed: SessionState = { kind: "failed", failure, remote };

const now: ReconnectWait = { kind: "connecting" };
const later: ReconnectWait = { kind: "until", at: 5 };
const reconnecting: SessionState = { kind: "reconnecting", remote, localPort: 4, cause: failure, wait: now };
const restored: SessionState = { ...reconnecting, remote: undefined };

const answered: SessionEvent = { kind: "viewer-answered", remote };
const opened: SessionEvent = { kind: "tunnel-opened", localPort: 4 };
const stop: SessionEvent = { kind: "stop-requested" };
const ended: SessionEvent = { kind: "ended" };
const lost: SessionEvent = { kind: "connection-lost", cause: failure, wait: now };
const waits: SessionEvent = { kind: "reconnect-waits", wait: later };
const back: SessionEvent = { kind: "reconnected", remote };
const restart: SessionEvent = { kind: "restart-requested" };
const fails: SessionEvent = { kind: "failed", failure };

describe("reduceSession", () => {
  it.each([
    ["launching, answered", launching, answered, opening],
    ["opening, opened", opening, opened, running],
    ["launching, opened out of turn", launching, opened, launching],
    ["running, answered again", running, answered, running],
    ["running, opened again", running, opened, running],
    ["launching, stop", launching, stop, { kind: "stopping", remote: undefined }],
    ["running, stop", running, stop, stopping],
    ["failed, stop", failed, stop, stopping],
    ["stopping, ended", stopping, ended, stopped],
    ["running, fails", running, fails, failed],
    ["launching, fails", launching, fails, { kind: "failed", failure, remote: undefined }],
    ["stopping, fails", stopping, fails, stopping],
    ["failed, fails again", failed, { kind: "failed", failure: { code: "other" } }, failed],
    ["running, lost", running, lost, reconnecting],
    ["reconnecting, lost again", { ...reconnecting, wait: later }, lost, { ...reconnecting, wait: later }],
    ["reconnecting, waits", reconnecting, waits, { ...reconnecting, wait: later }],
    ["running, waits", running, waits, running],
    ["reconnecting, back", reconnecting, back, running],
    ["restored, back", restored, back, running],
    ["running, back", running, back, running],
    ["launching, lost", launching, lost, launching],
    ["stopping, lost", stopping, lost, stopping],
    ["stopping, back", stopping, back, stopping],
    ["reconnecting, stop", reconnecting, stop, stopping],
    ["reconnecting, fails", reconnecting, fails, failed],
    ["failed, restart", failed, restart, launching],
    ["running, restart", running, restart, launching],
    ["reconnecting, restart", reconnecting, restart, reconnecting],
    ["stopping, restart", stopping, restart, stopping],
    ["stopped, anything", stopped, answered, stopped],
    ["stopped, stop", stopped, stop, stopped],
    ["stopped, fails", stopped, fails, stopped],
  ] as const)("%s", (_name, state, event, next) => {
    expect(reduceSession(state, event)).toEqual(next);
  });
});
