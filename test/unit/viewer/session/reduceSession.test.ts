import { describe, expect, it } from "vitest";
import { reduceSession, type SessionEvent } from "../../../../src/viewer/session/reduceSession.js";
import type {
  LiveState,
  ReconnectWait,
  RemoteViewer,
  SessionState,
} from "../../../../src/viewer/session/session.js";

const remote: RemoteViewer = {
  pid: 1,
  startTime: "2",
  supervisor: { pid: 2, startTime: "1" },
  address: { port: 3 },
  runicornVersion: "0.7.2",
};
const failure = { code: "connection-lost" };
const launching: LiveState = { kind: "starting", phase: "launching", remote: undefined };
const opening: SessionState = { kind: "starting", phase: "opening-tunnel", remote };
const running: LiveState = { kind: "running", remote, localPort: 4 };
const stopping: SessionState = { kind: "stopping", remote, before: running };
const stopped: SessionState = { kind: "stopped", onHost: { kind: "gone" } };
const failed: LiveState = { kind: "failed", failure, remote };

const now: ReconnectWait = { kind: "connecting" };
const later: ReconnectWait = { kind: "until", at: 5 };
const reconnecting: LiveState = { kind: "reconnecting", remote, localPort: 4, cause: failure, wait: now };
const restored: SessionState = { ...reconnecting, remote: undefined };
/** A restart that has not ended the viewer of before. */
const restarting: SessionState = { ...launching, remote };

const answered: SessionEvent = { kind: "viewer-answered", remote };
const opened: SessionEvent = { kind: "tunnel-opened", localPort: 4 };
const stop: SessionEvent = { kind: "stop-requested" };
const ended: SessionEvent = { kind: "ended", onHost: { kind: "gone" } };
const stopFails: SessionEvent = { kind: "stop-failed", failure };
const viewerEnded: SessionEvent = { kind: "viewer-ended" };
const lost: SessionEvent = { kind: "connection-lost", cause: failure, wait: now };
const waits: SessionEvent = { kind: "reconnect-waits", wait: later };
const back: SessionEvent = { kind: "reconnected", remote, localPort: 4 };
const restart: SessionEvent = { kind: "restart-requested" };
const fails: SessionEvent = { kind: "failed", failure };

describe("reduceSession", () => {
  it.each([
    ["launching, answered", launching, answered, opening],
    ["opening, opened", opening, opened, running],
    ["launching, opened out of turn", launching, opened, launching],
    ["running, answered again", running, answered, running],
    ["running, opened again", running, opened, running],
    ["launching, stop", launching, stop, { kind: "stopping", remote: undefined, before: launching }],
    ["running, stop", running, stop, stopping],
    ["failed, stop", failed, stop, { kind: "stopping", remote, before: failed }],
    ["stopping, stop again", stopping, stop, stopping],
    ["stopping, stop fails", stopping, stopFails, reconnecting],
    ["stopping a reconnecting one, stop fails", { ...stopping, before: restored }, stopFails, restored],
    ["stopping a failed one, stop fails", { ...stopping, before: failed }, stopFails, failed],
    ["stopping a starting one, stop fails", { ...stopping, before: restarting }, stopFails, failed],
    ["running, a stop fails that was none", running, stopFails, running],
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
    ["reconnecting, stop", reconnecting, stop, { kind: "stopping", remote, before: reconnecting }],
    ["reconnecting, fails", reconnecting, fails, failed],
    ["failed, restart", failed, restart, restarting],
    ["running, restart", running, restart, restarting],
    ["reconnecting, restart", reconnecting, restart, restarting],
    ["launching, restart", launching, restart, launching],
    ["restarting, opened before it answered", restarting, opened, restarting],
    ["restarting, the viewer of before has ended", restarting, viewerEnded, launching],
    ["running, the viewer of before has ended", running, viewerEnded, running],
    ["stopping, restart", stopping, restart, stopping],
    ["stopped, anything", stopped, answered, stopped],
    ["stopped, stop", stopped, stop, stopped],
    ["stopped, fails", stopped, fails, stopped],
  ] as const)("%s", (_name, state, event, next) => {
    expect(reduceSession(state, event)).toEqual(next);
  });
});
