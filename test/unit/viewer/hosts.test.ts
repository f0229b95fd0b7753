import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../../src/common/failure.js";
import type { SshFailure } from "../../../src/ssh/model/failures.js";
import { createGate } from "../../support/viewer/gate.js";
import {
  connectionLost,
  createScriptedHost,
  type ScriptedHost,
  type ScriptKind,
} from "../../support/viewer/scriptedHost.js";
import { createScriptedViewers, type ScriptedViewers } from "../../support/viewer/scriptedViewers.js";

let host: ScriptedHost;
let stage: ScriptedViewers;
beforeEach(async () => {
  host = createScriptedHost();
  stage = await createScriptedViewers(host);
});
afterEach(() => stage.dispose());

const start = () => stage.viewers.start(host.connection, stage.request);
const stateOf = (id: string) => stage.viewers.get(id)?.state;

/** The connection is lost, and the tunnels with it. */
function lose(): void {
  host.lose();
  for (const tunnel of stage.tunnels.open) stage.tunnels.lose(tunnel, connectionLost);
}

describe("a host whose connection is lost", () => {
  it("is reached again, and its sessions go on at their ports", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    lose();
    expect([stateOf(one.id)?.kind, stateOf(two.id)?.kind]).toEqual(["reconnecting", "reconnecting"]);
    await expect.poll(() => [stateOf(one.id), stateOf(two.id)]).toEqual([one.state, two.state]);
    expect(stage.tunnels.open.size).toBe(2);
  });

  it("reports a viewer that ended meanwhile", async () => {
    const [crashed, other] = await Promise.all([start(), start()]);
    host.crash(crashed.id, 9);
    lose();
    await expect.poll(() => stateOf(other.id)).toEqual(other.state);
    await expect
      .poll(() => stateOf(crashed.id))
      .toMatchObject({ kind: "failed", failure: { code: "viewer-exited", exitCode: 9 } });
    expect(stage.tunnels.open.size).toBe(1);
  });

  it("drops the session of a viewer that somebody stopped meanwhile", async () => {
    const { id } = await start();
    (host.viewers as Map<string, unknown>).delete(id);
    lose();
    await expect.poll(() => stage.viewers.sessions).toEqual([]);
    expect(stage.tunnels.open.size).toBe(0);
  });

  it("again while its sessions are led on: they go on over the next connection", async () => {
    const { id, state } = await start();
    const opening = createGate();
    stage.tunnels.beforeOpening = () => opening.pass();
    lose();
    await opening.reached;
    host.lose();
    stage.tunnels.beforeOpening = () => undefined;
    opening.open();
    await expect.poll(() => stateOf(id)).toEqual(state);
  });
});

describe("a lost tunnel on an open connection", () => {
  it("is reopened over the connection, with as many attempts as it takes", async () => {
    const { id, state } = await start();
    let tries = 0;
    stage.tunnels.beforeOpening = () => {
      tries += 1;
      if (tries < 2) throw new Error("not yet");
    };
    const [tunnel] = stage.tunnels.open;
    if (tunnel) stage.tunnels.lose(tunnel, connectionLost);
    expect(stateOf(id)?.kind).toBe("reconnecting");
    await expect.poll(() => stateOf(id), { timeout: 10_000 }).toEqual(state);
    expect(tries).toBe(2);
  });

  it("fails its session if retrying is pointless", async () => {
    const { id } = await start();
    const failure = { code: "forwarding-refused", host: "gpu", reason: "no" };
    stage.tunnels.beforeOpening = () => Promise.reject(new Failure(failure));
    const [tunnel] = stage.tunnels.open;
    if (tunnel) stage.tunnels.lose(tunnel, connectionLost);
    await expect.poll(() => stateOf(id)).toMatchObject({ kind: "failed", failure });
    expect(stage.tunnels.open.size).toBe(0);
  });

  it("uses a connection that somebody else opened during its own failed attempt", async () => {
    const { id, state } = await start();
    const way = createGate();
    stage.beforeReopening = async () => {
      stage.beforeReopening = () => undefined;
      await way.pass();
      throw new Failure<SshFailure>({ code: "host-key-rejected", host: "gpu" } as SshFailure);
    };
    lose();
    await way.reached;
    stage.connectElsewhere();
    way.open();
    await expect.poll(() => stateOf(id)).toEqual(state);
  });

  it("is not reopened when its session is stopped", async () => {
    const { id } = await start();
    const opening = createGate();
    stage.tunnels.beforeOpening = () => opening.pass();
    const [tunnel] = stage.tunnels.open;
    if (tunnel) stage.tunnels.lose(tunnel, connectionLost);
    await opening.reached;
    const stop = stage.viewers.stop(id);
    opening.open();
    await stop;
    expect(stage.tunnels.open.size).toBe(0);
    expect(host.viewers.size).toBe(0);
  });
});

describe("the host's report on a viewer at a lease renewal", () => {
  it.each(["during", "after"])("from the gap of a restart is ignored when it arrives %s it", async (when) => {
    const [one, other] = await Promise.all([start(), start()]);
    const [question, answer] = [createGate(), createGate()];
    const isLookAtIt = (kind: ScriptKind, ids: string): boolean => kind === "lease" && ids.includes(one.id);
    host.beforeScript = (kind, ids) => (isLookAtIt(kind, ids) ? question.pass() : undefined);
    host.afterScript = async (kind, ids) => {
      if (isLookAtIt(kind, ids)) await answer.pass();
      if (kind !== "stop") return;
      // The viewer of before has ended and the next one is not there yet: now the host looks.
      question.open();
      await answer.reached;
      if (when === "after") return;
      answer.open();
      await keeping;
    };
    const keeping = stage.viewers.keep(other.id);
    await question.reached;
    await stage.viewers.restart(one.id);
    answer.open();
    await keeping;
    expect(stateOf(one.id)?.kind).toBe("running");
    expect(host.viewers.size).toBe(2);
    expect(stage.tunnels.open.size).toBe(2);
  });

  it("ends a kept session that somebody else stopped", async () => {
    const { id } = await start();
    (host.viewers as Map<string, unknown>).delete(id);
    await stage.viewers.keep(id);
    expect(stage.viewers.sessions).toEqual([]);
    expect(await stage.store.list()).toEqual([]);
  });
});
