import { describe, expect, it } from "vitest";
import { createConnectionLeases } from "../../../../src/api/services/connectionLeases.js";
import { createSavedSessions } from "../../../../src/api/services/savedSessions.js";
import type { App } from "../../../../src/app.js";
import { Emitter } from "../../../../src/common/async/event.js";
import { silentLogger } from "../../../../src/common/logger.js";
import { createPool, type Origin } from "../../../../src/ssh/pool.js";
import type { CloseReason, Connection } from "../../../../src/ssh/model/connection.js";
import type { ViewerSession } from "../../../../src/viewer/session/session.js";

const id = "ada@gpu-box:22";
const lost: CloseReason = { kind: "lost", failure: { code: "connection-lost" } };

/** A host with the real pool, and viewers that only have an id. */
function host() {
  const pool = createPool(silentLogger);
  const sessions = new Map<string, ViewerSession>();
  const disconnected: string[] = [];
  const app = {
    connections: pool,
    viewers: {
      get sessions() {
        return [...sessions.values()];
      },
      get: (session: string) => sessions.get(session),
      stop: (session: string) => {
        sessions.delete(session);
        return Promise.resolve();
      },
    },
    disconnect: (connection: string) => {
      disconnected.push(connection);
      return Promise.resolve();
    },
  } as unknown as App;
  const saved = createSavedSessions(
    app,
    createConnectionLeases((one) => pool.get(one)),
  );
  return {
    saved,
    disconnected,
    open: () => {
      const closed = new Emitter<CloseReason>();
      const connection = { id, state: "open", onDidClose: closed.event } as Connection;
      pool.keep("key", connection, {} as Origin);
      return { connection, end: (reason: CloseReason) => closed.fire(reason) };
    },
    start: (name: string) => {
      const session = { id: name, connectionId: id } as ViewerSession;
      sessions.set(name, session);
      return session;
    },
    end: (name: string) => sessions.delete(name),
  };
}

describe("the last viewer of a saved server", () => {
  it("closes the connection that the API opened, after a reconnect too", async () => {
    const { saved, disconnected, open, start } = host();
    const first = open();
    saved.opened(first.connection);
    const session = start("one");
    saved.add(session);
    first.end(lost);
    open();
    await saved.stop(session);
    expect(disconnected).toEqual([id]);
  });

  it("leaves a connection that a user opened after the API's was lost and nothing needed it", async () => {
    const { saved, disconnected, open, start } = host();
    const first = open();
    saved.opened(first.connection);
    first.end(lost);
    open();
    const session = start("one");
    saved.add(session);
    await saved.stop(session);
    expect(disconnected).toEqual([]);
  });

  it("leaves a connection that a user opened after the API's viewer had gone with the lost one", async () => {
    const { saved, disconnected, open, start, end } = host();
    const first = open();
    saved.opened(first.connection);
    saved.add(start("one"));
    first.end(lost);
    end("one");
    open();
    const session = start("two");
    saved.add(session);
    await saved.stop(session);
    expect(disconnected).toEqual([]);
  });

  it("leaves a connection that a user opened after they had closed the API's, once reconnected", async () => {
    const { saved, disconnected, open, start, end } = host();
    const first = open();
    saved.opened(first.connection);
    saved.add(start("one"));
    first.end(lost);
    const second = open();
    end("one");
    second.end({ kind: "closed" });
    open();
    const session = start("two");
    saved.add(session);
    await saved.stop(session);
    expect(disconnected).toEqual([]);
  });
});
