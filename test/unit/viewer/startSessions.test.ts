import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cancelled, Failure } from "../../../src/common/failure.js";
import { silentLogger } from "../../../src/common/logger.js";
import type { TunnelFailure } from "../../../src/tunnel/failures.js";
import { createSessionStore } from "../../../src/viewer/session/sessionStore.js";
import { createGate } from "../../support/viewer/gate.js";
import { createScriptedHost, type ScriptedHost } from "../../support/viewer/scriptedHost.js";
import { createScriptedViewers, type ScriptedViewers } from "../../support/viewer/scriptedViewers.js";

let host: ScriptedHost;
let stage: ScriptedViewers;
beforeEach(async () => {
  host = createScriptedHost();
  stage = await createScriptedViewers(host);
});
afterEach(() => stage.dispose());

/** Nothing on the host, nothing in the list, no tunnel, nothing remembered. */
async function expectNothing(): Promise<void> {
  expect(stage.viewers.sessions).toEqual([]);
  expect([...host.viewers]).toEqual([]);
  expect([...stage.tunnels.open]).toEqual([]);
  expect(await stage.store.list()).toEqual([]);
}
const start = (signal?: AbortSignal) =>
  stage.viewers.start(host.connection, stage.request, { ...(signal && { signal }) });

/** Leaves a session to another program, which lives. */
async function lookedAfterElsewhere(id: string): Promise<ChildProcess> {
  const other = spawn("sleep", ["600"], { stdio: "ignore" });
  await once(other, "spawn");
  await stage.viewers.leave();
  const [entry] = (await stage.store.list()).filter((one) => one.id === id);
  if (entry) await createSessionStore(stage.storeFile, silentLogger, other.pid).save(entry);
  return other;
}

describe("a start", () => {
  it("goes through its phases, is remembered, and ends with a stop", async () => {
    const { viewers, store, request } = stage;
    const seen: (string | undefined)[] = [];
    viewers.onDidChange(() => seen.push(viewers.sessions[0]?.state.kind));
    const phases: string[] = [];
    const session = await viewers.start(host.connection, request, { onProgress: (p) => phases.push(p) });
    expect(phases).toEqual(["launching", "opening-tunnel"]);
    expect([...new Set(seen)]).toEqual(["starting", "running"]);
    expect(await store.list()).toMatchObject([{ id: session.id, localPort: 50_001, stopWanted: false }]);
    await viewers.stop(session.id);
    await expectNothing();
  });

  it("that is cancelled just as its viewer answers ends that viewer", async () => {
    const cancel = new AbortController();
    host.afterScript = (kind) => {
      if (kind === "launch") cancel.abort();
    };
    await expect(start(cancel.signal)).rejects.toBeInstanceOf(Cancelled);
    await expectNothing();
  });

  it("that is stopped just as its viewer answers ends that viewer", async () => {
    const answer = createGate();
    host.afterScript = (kind) => (kind === "launch" ? answer.pass() : undefined);
    const starting = start();
    starting.catch(() => undefined);
    await answer.reached;
    const stopping = stage.viewers.stopAll();
    expect(stage.viewers.sessions.map(({ state }) => state.kind)).toEqual(["stopping"]);
    answer.open();
    await stopping;
    await expect(starting).rejects.toBeInstanceOf(Cancelled);
    await expectNothing();
  });

  it("whose tunnel cannot be opened ends its viewer", async () => {
    const failure: TunnelFailure = { code: "forwarding-refused", host: "gpu", reason: "no" };
    stage.tunnels.beforeOpening = () => Promise.reject(new Failure(failure));
    await expect(start()).rejects.toMatchObject({ detail: failure });
    await expectNothing();
  });

  it("whose viewer nothing leads to begins again on a port, where a person allowed that", async () => {
    const failure: TunnelFailure = { code: "forwarding-refused", host: "gpu", reason: "no" };
    const addresses: (string | undefined)[] = [];
    stage.tunnels.beforeOpening = () => {
      const [{ state } = {}] = stage.viewers.sessions;
      addresses.push(state?.kind === "starting" ? Object.keys(state.remote?.address ?? {})[0] : undefined);
      if (addresses.length === 1) throw new Failure(failure);
    };
    stage.mayListenOnPort = true;
    expect(await start()).toMatchObject({ state: { kind: "running" } });
    expect(addresses).toEqual(["socket", "port"]);
    expect(host.viewers.size).toBe(1);
  });

  it("on a wanted port is refused where no person allowed ports, before anything runs", async () => {
    const starting = stage.viewers.start(host.connection, { ...stage.request, remotePort: 4_000 });
    await expect(starting).rejects.toMatchObject({
      detail: { code: "remote-port-not-allowed", host: "gpu", port: 4_000 },
    });
    await expectNothing();
  });

  it("that fails and whose viewer cannot be ended stays in the list, to be stopped", async () => {
    const failure: TunnelFailure = { code: "forwarding-refused", host: "gpu", reason: "no" };
    stage.tunnels.beforeOpening = () => Promise.reject(new Failure(failure));
    host.stopFailure = "process 1010 does not end";
    await expect(start()).rejects.toMatchObject({ detail: failure });
    expect(stage.viewers.sessions).toMatchObject([{ state: { kind: "failed", failure } }]);
    host.stopFailure = undefined;
    await stage.viewers.stopAll();
    await expectNothing();
  });

  it("is not begun on a host when it was cancelled before", async () => {
    const asked: string[] = [];
    host.beforeScript = (kind) => void asked.push(kind);
    await expect(start(AbortSignal.abort())).rejects.toBeInstanceOf(Cancelled);
    expect(asked).toEqual([]);
    await expectNothing();
  });
});

describe("a restart", () => {
  it("ends the viewer of before and keeps the session and its local port", async () => {
    const before = await start();
    const after = await stage.viewers.restart(before.id);
    expect(after).toMatchObject({ id: before.id, state: { kind: "running", localPort: 50_001 } });
    expect(after.state).not.toEqual(before.state);
    expect(host.viewers.size).toBe(1);
  });

  it("asked for twice happens once", async () => {
    const { id } = await start();
    const launched: string[] = [];
    host.beforeScript = (kind) => void (kind === "launch" && launched.push(kind));
    const [one, two] = await Promise.all([stage.viewers.restart(id), stage.viewers.restart(id)]);
    expect(one).toEqual(two);
    expect(launched).toHaveLength(1);
    expect(host.viewers.size).toBe(1);
  });

  it("leaves the session failed when it fails, and nothing on the host; the next one mends it", async () => {
    const { id } = await start();
    const failure: TunnelFailure = { code: "forwarding-refused", host: "gpu", reason: "no" };
    stage.tunnels.beforeOpening = () => Promise.reject(new Failure(failure));
    await expect(stage.viewers.restart(id)).rejects.toMatchObject({ detail: failure });
    expect(stage.viewers.get(id)?.state).toEqual({ kind: "failed", failure, remote: undefined });
    expect(host.viewers.size).toBe(0);
    stage.tunnels.beforeOpening = () => undefined;
    await stage.viewers.restart(id);
    expect(stage.viewers.get(id)?.state).toMatchObject({ kind: "running", localPort: 50_001 });
  });

  it("leaves the viewer of before in the session when that does not end", async () => {
    const { id } = await start();
    host.stopFailure = "process 1010 does not end";
    await expect(stage.viewers.restart(id)).rejects.toMatchObject({ detail: { code: "viewer-stop-failed" } });
    expect(stage.viewers.get(id)?.state).toMatchObject({ kind: "failed", remote: { pid: 1010 } });
    host.stopFailure = undefined;
    await stage.viewers.stop(id);
    await expectNothing();
  });

  it("during a stop comes too late: the session is gone, and nothing runs", async () => {
    const { id } = await start();
    const stopping = createGate();
    host.beforeScript = (kind) => (kind === "stop" ? stopping.pass() : undefined);
    const stop = stage.viewers.stop(id);
    await stopping.reached;
    const restart = stage.viewers.restart(id);
    restart.catch(() => undefined);
    stopping.open();
    await stop;
    await expect(restart).rejects.toMatchObject({ detail: { code: "viewer-unknown", id } });
    await expectNothing();
  });

  it.each(["stop", "launch"] as const)(
    "is cut short by a stop while the host answers its %s",
    async (kind) => {
      const { id } = await start();
      const answer = createGate();
      host.afterScript = (asked) => (asked === kind ? answer.pass() : undefined);
      const restarting = stage.viewers.restart(id);
      restarting.catch(() => undefined);
      await answer.reached;
      const stop = stage.viewers.stop(id);
      answer.open();
      await stop;
      await expect(restarting).rejects.toBeInstanceOf(Cancelled);
      await expectNothing();
    },
  );
});

describe("an earlier session", () => {
  it("is adopted at its port, whoever started it, unless it is already in the list", async () => {
    const { id, state } = await start();
    const other = await createScriptedViewers(host);
    await other.viewers.adopt(host.connection);
    await other.viewers.adopt(host.connection);
    expect(other.viewers.sessions).toMatchObject([{ id, root: "/runs", state: { kind: "running" } }]);
    expect(other.viewers.get(id)?.state).toMatchObject({ remote: (state as { remote: unknown }).remote });
    await other.dispose();
    expect(host.viewers.size).toBe(1);
  });

  it("that is adopted is saved before that is reported, so that another window that closes leaves it alone", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    await stage.viewers.adopt(host.connection);
    const asAnotherWindow = createSessionStore(stage.storeFile, silentLogger, process.pid);
    expect(await asAnotherWindow.list()).toMatchObject([{ id, owners: [process.pid] }]);
  });

  it("that has ended on its host is adopted as failed", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    host.crash(id, 3);
    await stage.viewers.adopt(host.connection);
    expect(stage.viewers.get(id)?.state).toMatchObject({
      kind: "failed",
      failure: { code: "viewer-exited", exitCode: 3 },
    });
  });

  it("is restored with its local port, and reconnected when its host is reached", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    await stage.viewers.restore([id]);
    await expect
      .poll(() => stage.viewers.get(id)?.state)
      .toMatchObject({ kind: "running", localPort: 50_001 });
    await stage.viewers.stopAll();
    await expectNothing();
  });

  it("is restored at its local port as soon as the previous process has released it", async () => {
    const { id } = await start();
    const before = await lookedAfterElsewhere(id);
    stage.tunnels.taken.add(50_001);
    const restored = stage.viewers.restore([id]);
    await expect.poll(() => stage.tunnels.refused).toBeGreaterThan(0);
    before.kill();
    await once(before, "exit");
    stage.tunnels.taken.delete(50_001);
    await restored;
    await expect.poll(() => stage.viewers.get(id)?.state).toMatchObject({ localPort: 50_001 });
  });

  it("is restored once, however often that is asked for at the same time", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    const gate = createGate();
    stage.tunnels.beforeReserving = () => gate.pass();
    const window = stage.viewers.restore();
    await gate.reached;
    const panels = Promise.all([stage.viewers.restore([id]), stage.viewers.restore([id])]);
    for (let look = 0; look < 3; look += 1) await stage.store.list();
    gate.open();
    await Promise.all([window, panels]);
    await expect.poll(() => stage.viewers.get(id)?.state.kind).toBe("running");
    expect(stage.tunnels.reserved).toBe(1);
  });

  it("is restored at another local port if another window uses the previous one", async () => {
    const { id } = await start();
    const other = await lookedAfterElsewhere(id);
    stage.tunnels.taken.add(50_001);
    await stage.viewers.restore([id]);
    await expect
      .poll(() => stage.viewers.get(id)?.state)
      .toMatchObject({ kind: "running", localPort: 50_002 });
    other.kill();
  });

  it("that is gone when restored has lost its lease, and can be started again", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    (host.viewers as Map<string, unknown>).clear();
    await stage.viewers.restore([id]);
    await expect
      .poll(() => stage.viewers.get(id)?.state)
      .toMatchObject({ kind: "failed", failure: { code: "viewer-lease-ended", seconds: 600 } });
    await stage.viewers.restart(id);
    expect(stage.viewers.get(id)?.state).toMatchObject({ kind: "running", localPort: 50_001 });
  });

  it("that was to be stopped while its host was away is stopped at the next visit", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    await stage.store.wantStop(id);
    await stage.viewers.adopt(host.connection);
    await expectNothing();
  });
});
