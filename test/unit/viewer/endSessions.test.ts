import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../../src/common/failure.js";
import type { SshFailure } from "../../../src/ssh/model/failures.js";
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

const start = () => stage.viewers.start(host.connection, stage.request);

const nodeA = "a0000001 pid:[1] - node-a";
const nodeB = "b0000001 pid:[1] - node-b";
const onNodeA = { code: "viewer-on-another-machine", machine: "node-a" };

const unconfirmedBy = (code: string) => ({
  detail: { code: "viewer-stop-unconfirmed", host: "gpu", graceSeconds: 600, cause: { code } },
});

describe("a stop", () => {
  it("that fails is told, leaves the session running, and says so; the next one ends it", async () => {
    const { viewers, tunnels } = stage;
    const { id, state } = await start();
    const seen: (string | undefined)[] = [];
    viewers.onDidChange(() => seen.push(viewers.get(id)?.state.kind));
    host.stopFailure = "process 1010 does not end";
    await expect(viewers.stop(id)).rejects.toMatchObject({
      detail: { code: "viewer-stop-failed", pid: 1010, reason: host.stopFailure },
    });
    await expect.poll(() => viewers.get(id)?.state).toEqual(state);
    expect(seen).toEqual(["stopping", "reconnecting", "running"]);
    expect([...tunnels.open].map(({ localPort }) => localPort)).toEqual([50_001]);
    host.stopFailure = undefined;
    await viewers.stop(id);
    expect(viewers.sessions).toEqual([]);
    expect(host.viewers.size).toBe(0);
    expect(tunnels.open.size).toBe(0);
  });

  it("asked for twice happens once", async () => {
    const { id } = await start();
    const asked: string[] = [];
    host.beforeScript = (kind) => void (kind === "stop" && asked.push(kind));
    await Promise.all([stage.viewers.stop(id), stage.viewers.stop(id)]);
    expect(asked).toHaveLength(1);
    expect(stage.viewers.sessions).toEqual([]);
  });

  it("of a failed session removes what it has on the host", async () => {
    const { id } = await start();
    host.crash(id, 1);
    await stage.viewers.keep(id);
    await expect.poll(() => stage.viewers.get(id)?.state.kind).toBe("failed");
    await stage.viewers.stop(id);
    expect(host.viewers.size).toBe(0);
    expect(stage.viewers.sessions).toEqual([]);
  });

  /** The connection is lost while the host is asked to end the viewer. */
  function loseDuringStop(): void {
    host.beforeScript = (kind) => {
      if (kind !== "stop") return;
      host.beforeScript = () => undefined;
      host.lose();
      throw new Error("the connection is lost");
    };
  }

  it("whose host is lost meanwhile is done over the next connection", async () => {
    const { id } = await start();
    loseDuringStop();
    await stage.viewers.stop(id);
    expect(host.viewers.size).toBe(0);
    expect(stage.viewers.sessions).toEqual([]);
    expect(await stage.store.list()).toEqual([]);
  });

  it("during a reconnect waits for it, and is remembered meanwhile", async () => {
    const { id } = await start();
    const way = createGate();
    stage.beforeReopening = () => way.pass();
    host.lose();
    await way.reached;
    const stop = stage.viewers.stop(id);
    await expect.poll(() => stage.store.list()).toMatchObject([{ id, stopWanted: true }]);
    expect(stage.viewers.get(id)?.state.kind).toBe("stopping");
    way.open();
    await stop;
    expect(host.viewers.size).toBe(0);
    expect(stage.viewers.sessions).toEqual([]);
    expect(await stage.store.list()).toEqual([]);
  });

  it("whose host is not reached is not confirmed, and an order for the next visit", async () => {
    const { id } = await start();
    stage.beforeReopening = () => {
      throw new Failure<SshFailure>({ code: "connection-refused", host: "gpu", port: 22 });
    };
    loseDuringStop();
    await expect(stage.viewers.stop(id)).rejects.toMatchObject(unconfirmedBy("connection-lost"));
    expect(stage.viewers.sessions).toEqual([]);
    expect(await stage.store.list()).toMatchObject([{ id, stopWanted: true }]);
    await expect(stage.viewers.stop(id)).rejects.toMatchObject({ detail: { code: "connection-refused" } });
    expect(host.viewers.size).toBe(1);
    stage.beforeReopening = () => undefined;
    await stage.viewers.stop(id);
    expect(host.viewers.size).toBe(0);
    expect(await stage.store.list()).toEqual([]);
  });

  /** The host does not answer a stop within its time; the viewer lives on. */
  function hangAtStop(): void {
    host.beforeScript = (kind) => {
      if (kind === "stop")
        throw new Failure<SshFailure>({ code: "exec-timed-out", host: "gpu", seconds: 20 });
    };
  }

  it("that the host does not answer is not confirmed, and the session does not come back", async () => {
    const { id } = await start();
    const seen: (string | undefined)[] = [];
    stage.viewers.onDidChange(() => seen.push(stage.viewers.get(id)?.state.kind));
    hangAtStop();
    await expect(stage.viewers.stop(id)).rejects.toMatchObject(unconfirmedBy("exec-timed-out"));
    expect([...new Set(seen)]).toEqual(["stopping", undefined]);
    expect(stage.viewers.endOf(id)?.state).toMatchObject({
      kind: "stopped",
      onHost: { kind: "unconfirmed" },
    });
    expect(await stage.store.list()).toMatchObject([{ id, stopWanted: true }]);
    // Another try that is not answered either, then one that is.
    await expect(stage.viewers.stop(id)).rejects.toMatchObject(unconfirmedBy("exec-timed-out"));
    host.beforeScript = () => undefined;
    await stage.viewers.stop(id);
    expect(host.viewers.size).toBe(0);
    expect(stage.viewers.endOf(id)?.state).toEqual({ kind: "stopped", onHost: { kind: "gone" } });
    expect(await stage.store.list()).toEqual([]);
  });

  it("of a start, whose host is lost before its viewer answers, is not confirmed, and done at the next connection", async () => {
    const launched = createGate();
    host.afterScript = (kind) => (kind === "launch" ? launched.pass() : undefined);
    const starting = start();
    starting.catch(() => undefined);
    await launched.reached;
    stage.beforeReopening = () => {
      throw new Failure<SshFailure>({ code: "connection-refused", host: "gpu", port: 22 });
    };
    const { id = "" } = stage.viewers.sessions[0] ?? {};
    const stopping = stage.viewers.stop(id);
    host.lose();
    launched.open();
    await expect(stopping).rejects.toMatchObject(unconfirmedBy("connection-lost"));
    expect(stage.viewers.sessions).toEqual([]);
    expect(host.viewers.size).toBe(1);
    stage.connectElsewhere();
    await expect.poll(() => host.viewers.size).toBe(0);
    await expect
      .poll(() => stage.viewers.endOf(id)?.state)
      .toEqual({ kind: "stopped", onHost: { kind: "gone" } });
  });

  it("that was wanted before and is over by itself is forgotten at the next connection", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    await stage.store.wantStop(id);
    (host.viewers as Map<string, unknown>).clear();
    stage.connectElsewhere();
    await expect.poll(() => stage.store.list()).toEqual([]);
  });

  it.each(["stopAll", "stopLast"] as const)(
    "by %s that is not confirmed of one viewer is told, and ends all others",
    async (verb) => {
      const [first, second] = await Promise.all([start(), start()]);
      host.beforeScript = (kind, id) => {
        if (kind === "stop" && id === first.id)
          throw new Failure<SshFailure>({ code: "exec-timed-out", host: "gpu", seconds: 20 });
      };
      await expect(stage.viewers[verb]()).rejects.toMatchObject(unconfirmedBy("exec-timed-out"));
      expect(stage.viewers.sessions).toEqual([]);
      expect(host.viewers.has(second.id)).toBe(false);
      expect(await stage.store.list()).toMatchObject([{ id: first.id, stopWanted: true }]);
    },
  );

  it("by a restart over a connection to another machine says where the viewer is", async () => {
    const { id } = await start();
    host.stopFailure = "elsewhere node-a";
    const failure = { code: "viewer-on-another-machine", machine: "node-a" };
    await expect(stage.viewers.restart(id)).rejects.toMatchObject({ detail: failure });
    expect(stage.viewers.get(id)?.state).toMatchObject({ kind: "failed", failure });
    await expect(stage.viewers.stop(id)).rejects.toMatchObject(unconfirmedBy("viewer-on-another-machine"));
  });

  it("is not confirmed by a machine of the same name that has nothing of it", async () => {
    host.machine = nodeA;
    const { id } = await start();
    host.machine = nodeB;
    host.lose();
    await expect.poll(() => stage.viewers.get(id)?.state.kind).toBe("failed");
    expect(stage.viewers.get(id)?.state).toMatchObject({ failure: onNodeA });
    await expect(stage.viewers.stop(id)).rejects.toMatchObject(unconfirmedBy(onNodeA.code));
    await expect(stage.viewers.stop(id)).rejects.toMatchObject(unconfirmedBy(onNodeA.code));
    stage.connectElsewhere();
    await stage.viewers.stopLast();
    expect(await stage.store.list()).toMatchObject([{ id, stopWanted: true, machine: nodeA }]);
    host.machine = nodeA;
    host.lose();
    stage.connectElsewhere();
    await expect.poll(() => stage.store.list()).toEqual([]);
    expect(host.viewers.size).toBe(0);
  });

  it.each([
    ["is given up after a week", false, 0],
    ["of one that is kept is never given up", true, 1],
  ])("that only another machine was asked for %s", async (_name, kept, left) => {
    host.machine = nodeA;
    const { id } = await start();
    if (kept) await stage.viewers.keep(id);
    await stage.viewers.leave();
    await stage.store.wantStop(id);
    const [entry] = await stage.store.list();
    if (!entry) throw new Error("it is not remembered");
    await stage.store.save({ ...entry, startedAt: Date.now() - 8 * 86_400_000 });
    host.machine = nodeB;
    stage.connectElsewhere();
    await stage.viewers.stopLast();
    expect(await stage.store.list()).toHaveLength(left);
  });

  it("by a restart that the host does not answer leaves the session failed", async () => {
    const { id } = await start();
    hangAtStop();
    await expect(stage.viewers.restart(id)).rejects.toMatchObject({ detail: { code: "exec-timed-out" } });
    expect(stage.viewers.get(id)?.state).toMatchObject({
      kind: "failed",
      failure: { code: "exec-timed-out" },
    });
    host.beforeScript = () => undefined;
    await stage.viewers.stop(id);
    expect(host.viewers.size).toBe(0);
  });

  it("of several ends all that can be ended, and tells of one that cannot", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    host.beforeScript = (kind, id) => {
      if (kind === "stop" && id === first.id) throw new Error("it cannot be asked");
    };
    await expect(stage.viewers.stopAll()).rejects.toThrow("it cannot be asked");
    expect(stage.viewers.get(second.id)).toBeUndefined();
    expect([...host.viewers.keys()]).toEqual([first.id]);
  });
});

describe("leaving", () => {
  it("lets go of a session here and of nothing on the host, and forgets that we look after it", async () => {
    const { id } = await start();
    await stage.viewers.leave();
    expect(stage.viewers.sessions).toEqual([]);
    expect(stage.tunnels.open.size).toBe(0);
    expect([...host.viewers.keys()]).toEqual([id]);
    expect(await stage.store.list()).toMatchObject([{ id, owners: [], stopWanted: false }]);
  });

  it("during a stop waits for it", async () => {
    const { id } = await start();
    const answer = createGate();
    host.beforeScript = (kind) => (kind === "stop" ? answer.pass() : undefined);
    const stop = stage.viewers.stop(id);
    await answer.reached;
    const leave = stage.viewers.leave();
    answer.open();
    await Promise.all([stop, leave]);
    expect(host.viewers.size).toBe(0);
    expect(await stage.store.list()).toEqual([]);
  });

  it("during a start ends what was started", async () => {
    const answer = createGate();
    host.afterScript = (kind) => (kind === "launch" ? answer.pass() : undefined);
    const starting = start();
    starting.catch(() => undefined);
    await answer.reached;
    const leave = stage.viewers.leave();
    answer.open();
    await leave;
    expect(host.viewers.size).toBe(0);
    expect(stage.viewers.sessions).toEqual([]);
  });

  it("is what the last one out does with those that are kept; it stops the others", async () => {
    const [kept, other] = await Promise.all([start(), start()]);
    await stage.viewers.keep(kept.id);
    await stage.viewers.stopLast();
    expect(stage.viewers.sessions).toEqual([]);
    expect([...host.viewers.keys()]).toEqual([kept.id]);
    expect((await stage.store.list()).map(({ id }) => id)).toEqual([kept.id]);
    expect(other.id).not.toBe(kept.id);
  });
});
