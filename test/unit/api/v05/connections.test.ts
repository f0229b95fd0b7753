import { describe, expect, it } from "vitest";
import { createApiServices } from "../../../../src/api/services/services.js";
import { connectionRoutes } from "../../../../src/api/v05/connections.js";
import type { App } from "../../../../src/app.js";
import { Emitter } from "../../../../src/common/async/event.js";
import { Failure } from "../../../../src/common/failure.js";
import { silentLogger } from "../../../../src/common/logger.js";
import { createMemorySecrets } from "../../../../src/secretStore.js";
import type { CloseReason, Connection } from "../../../../src/ssh/model/connection.js";
import type { ViewerFailure } from "../../../../src/viewer/failures.js";
import type { ViewerSession } from "../../../../src/viewer/session/session.js";

const id = "ada@gpu-box:22";
const livesOn = new Failure<ViewerFailure>({
  code: "viewer-stop-failed",
  host: "gpu-box",
  pid: 7,
  reason: "EPERM",
});

/** An API with a lease, whose viewer's stop does as `stop` says. @param others viewers of others on the connection. */
function api(stop: (end: () => void) => Promise<void>, others: readonly string[] = []) {
  const closed = new Emitter<CloseReason>();
  const connection = { id, state: "open", onDidClose: closed.event } as Connection;
  const sessions = new Map(
    ["viewer", ...others].map((name) => [name, { id: name, connectionId: id } as ViewerSession]),
  );
  const isClosed = { value: false };
  const app = {
    connections: { get: () => connection, all: [connection], onDidChange: new Emitter<void>().event },
    viewers: {
      get sessions() {
        return [...sessions.values()];
      },
      get: (one: string) => sessions.get(one),
      stop: (one: string) => stop(() => void sessions.delete(one)),
    },
    disconnect: () => {
      isClosed.value = true;
      return stop(() => sessions.clear());
    },
  } as unknown as App;
  const services = createApiServices({
    app,
    logger: silentLogger,
    secrets: createMemorySecrets(),
    version: "1.0.0",
    dataFolder: "/nowhere",
    showViewer: () => undefined,
  });
  const lease = services.leases.take(connection, "gpu-box", false);
  lease.sessionId = "viewer";
  const route = connectionRoutes.find(({ method }) => method === "DELETE");
  const giveUp = (query: Record<string, string>): Promise<unknown> | undefined =>
    route?.run(
      { params: { connection_id: lease.id }, query, body: undefined, signal: new AbortController().signal },
      services,
    );
  return { giveUp, isClosed };
}

describe("giving a connection up", () => {
  it("closes it with force though its viewer cannot be stopped, and says what was not cleaned", async () => {
    const { giveUp, isClosed } = api(() => Promise.reject(livesOn));
    expect(await giveUp({ force: "true" })).toMatchObject({
      success: true,
      cleanup_performed: { ssh_tunnel: false, remote_viewer: false, temp_files: false },
    });
    expect(isClosed.value).toBe(true);
  });

  it("says with force that the tunnel is gone, and the viewer perhaps not, where the host did not confirm it", async () => {
    const { giveUp } = api((end) => {
      end();
      return Promise.reject(livesOn);
    });
    expect(await giveUp({ force: "true" })).toMatchObject({
      cleanup_performed: { ssh_tunnel: true, remote_viewer: false, temp_files: false },
    });
  });

  it("fails without force, and keeps the connection with the viewer", async () => {
    const { giveUp, isClosed } = api(() => Promise.reject(livesOn));
    await expect(giveUp({})).rejects.toBe(livesOn);
    expect(isClosed.value).toBe(false);
  });

  it("never closes it while another viewer is on it", async () => {
    const { giveUp, isClosed } = api(() => Promise.reject(livesOn), ["another"]);
    await giveUp({ force: "true" });
    expect(isClosed.value).toBe(false);
  });
});
