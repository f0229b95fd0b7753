import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ForwardingBackend } from "../../../src/tunnel/tunnel.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { until } from "../../support/until.js";

/** Milliseconds on a busy machine; the next lease is renewed after ten seconds. */
const soon = 3_000;

let stage: ConnectedHost;
let viewers: Viewers;
beforeAll(async () => {
  stage = await connectHost();
});
afterEach(() => viewers.stopAll());
afterAll(() => stage.dispose());

function remoteOf({ state }: ViewerSession) {
  if (state.kind !== "running") throw new Error(state.kind);
  return state.remote;
}

describe.each<ForwardingBackend>(["in-process", "openssh"])("behind a tunnel that is %s", (backend) => {
  it.each([
    ["viewer", false],
    ["viewer and supervisor", true],
  ])("a %s that is killed is known to have ended at once, though nobody asks", async (_name, both) => {
    viewers = createTestViewers(stage.client, 600, createTestTunnels([backend], stage.client.home));
    const session = await viewers.start(stage.connection, {
      environment: stage.train,
      root: stage.host.root,
    });
    const { pid, supervisor } = remoteOf(session);
    if (both) process.kill(supervisor.pid, "SIGKILL");
    process.kill(pid, "SIGKILL");
    await until("it is known", () => viewers.get(session.id)?.state.kind === "failed", soon);
    expect(viewers.get(session.id)?.state).toMatchObject({
      kind: "failed",
      failure: { code: "viewer-exited" },
    });
  });

  it("a viewer that lives on stays as it is", async () => {
    viewers = createTestViewers(stage.client, 600, createTestTunnels([backend], stage.client.home));
    const session = await viewers.start(stage.connection, {
      environment: stage.train,
      root: stage.host.root,
    });
    const seen: (string | undefined)[] = [];
    viewers.onDidChange(() => seen.push(viewers.get(session.id)?.state.kind));
    const begun = Date.now();
    // Longer than uvicorn keeps a connection that has been answered.
    await until("the time for it is over", () => Date.now() - begun > 6_000);
    expect(seen).toEqual([]);
  });
});
