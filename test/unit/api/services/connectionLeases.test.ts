import { describe, expect, it } from "vitest";
import { createConnectionLeases } from "../../../../src/api/services/connectionLeases.js";
import { Emitter } from "../../../../src/common/async/event.js";
import type { CloseReason, Connection } from "../../../../src/ssh/model/connection.js";

const lost: CloseReason = { kind: "lost", failure: { code: "connection-lost" } };

function opened(): { readonly connection: Connection; readonly end: (reason: CloseReason) => void } {
  const closed = new Emitter<CloseReason>();
  const connection = { id: "ada@gpu-box:22", onDidClose: closed.event } as Connection;
  return { connection, end: (reason) => closed.fire(reason) };
}

describe("a lease of a connection", () => {
  it("does not close, after a reconnect, what a user had opened before the first lease", () => {
    const first = opened();
    let open = first.connection;
    const leases = createConnectionLeases(() => open);
    const lease = leases.take(first.connection, "gpu-box", true);
    lease.sessionId = "viewer";
    first.end(lost);
    open = opened().connection;
    expect(leases.release(lease)).toBe(false);
  });

  it("closes a connection that a client opened after the user's was lost", () => {
    const first = opened();
    let open = first.connection;
    const leases = createConnectionLeases(() => open);
    leases.hold(first.connection);
    first.end(lost);
    open = opened().connection;
    expect(leases.release(leases.take(open, "gpu-box", false))).toBe(true);
  });

  it("closes a connection that a client opened after the user had closed theirs", () => {
    const first = opened();
    let open = first.connection;
    const leases = createConnectionLeases(() => open);
    leases.hold(first.connection);
    first.end({ kind: "closed" });
    open = opened().connection;
    expect(leases.release(leases.take(open, "gpu-box", false))).toBe(true);
  });

  it("closes nothing that a user without a lease began to hold in the same connect", () => {
    const { connection } = opened();
    const leases = createConnectionLeases(() => connection);
    leases.hold(connection);
    expect(leases.release(leases.take(connection, "gpu-box", false))).toBe(false);
  });
});
