import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ForwardingBackend } from "../../../src/tunnel/tunnel.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { inTurn, paired } from "../../support/matrix.js";
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

const backends: readonly ForwardingBackend[] = ["in-process", "openssh"];
const killed = ["viewer", "viewer and supervisor"] as const;

it.each(paired(killed, backends))(
  "a %s that is killed behind a tunnel that is %s is known to have ended at once, though nobody asks",
  async (what, backend) => {
    viewers = createTestViewers(stage.client, 600, createTestTunnels([backend], stage.client.home));
    const session = await viewers.start(stage.connection, {
      environment: stage.train,
      root: stage.host.root,
    });
    const { pid, supervisor } = remoteOf(session);
    if (what === "viewer and supervisor") process.kill(supervisor.pid, "SIGKILL");
    process.kill(pid, "SIGKILL");
    await until("it is known", () => viewers.get(session.id)?.state.kind === "failed", soon);
    expect(viewers.get(session.id)?.state).toMatchObject({
      kind: "failed",
      failure: { code: "viewer-exited", exitCode: what === "viewer" ? -9 : undefined },
    });
  },
);

it.each(inTurn(backends, 0))(
  "a viewer that lives on behind a tunnel that is %s stays as it is",
  async (backend) => {
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
  },
);
