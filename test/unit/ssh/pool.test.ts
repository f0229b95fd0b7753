import { describe, expect, it } from "vitest";
import { Emitter } from "../../../src/common/async/event.js";
import { silentLogger } from "../../../src/common/logger.js";
import { rememberAnswers } from "../../../src/ssh/login/rememberedAnswers.js";
import type { CloseReason, Connection } from "../../../src/ssh/model/connection.js";
import { unattended } from "../../../src/ssh/model/interaction.js";
import { createPool, type Origin } from "../../../src/ssh/pool.js";

const subject = { user: "ada", host: "gpu", port: 22 };
const signal = new AbortController().signal;

function fakeConnection(id: string, host = id) {
  const closed = new Emitter<CloseReason>();
  let state: Connection["state"] = "open";
  const connection: Partial<Connection> = {
    id,
    target: { host },
    get state() {
      return state;
    },
    onDidClose: closed.event,
  };
  const lose = (): void => {
    state = "closed";
    closed.fire({ kind: "lost", failure: { code: "connection-lost" } });
  };
  return { connection: connection as Connection, lose };
}

/** A connection for which a key was pasted and a password answered. */
async function originWithSecrets(): Promise<Origin> {
  const answers = rememberAnswers({ ...unattended, password: () => Promise.resolve("secret") });
  await answers.attended.password(subject, signal);
  return { request: { target: { host: "gpu" }, credentials: { privateKeys: ["a key"] } }, answers };
}

describe("the secrets of a connection", () => {
  it("are forgotten when it is lost and nothing needs it, and not before", async () => {
    const pool = createPool(silentLogger);
    const [origin, other] = [await originWithSecrets(), await originWithSecrets()];
    const [first, second] = [fakeConnection("first"), fakeConnection("second")];
    pool.keep("key", first.connection, origin);
    pool.keep("key", second.connection, other);
    first.lose();
    const isUnwanted = (id: string): boolean => pool.get(id)?.state !== "open" && id !== "needed";
    expect(pool.originOf("first")).toBe(origin);
    pool.forgetOrigins((id) => pool.get(id)?.state !== "open" && id !== "first");
    expect(pool.originOf("first")).toBe(origin);
    pool.forgetOrigins(isUnwanted);
    expect(pool.originOf("first")).toBeUndefined();
    expect(await origin.answers.alone.password(subject, signal)).toBeUndefined();
    expect(pool.originOf("second")).toBe(other);
    expect(await other.answers.alone.password(subject, signal)).toBe("secret");
  });
});

describe("a connection that is being ended", () => {
  it("is given to nobody, and who waits for its target hears of the end", async () => {
    const pool = createPool(silentLogger);
    const { connection, lose } = fakeConnection("alice@node1:22", "job 7 on login");
    pool.keep("", connection, await originWithSecrets());
    expect(pool.to({ host: "job 7 on login" })).toBe(connection);
    let finish = (): void => undefined;
    const closed = new Promise<void>((resolve) => (finish = resolve));
    const ending = pool.whileEnding(connection.id, () => closed.then(lose));
    expect(pool.to({ host: "job 7 on login" })).toBeUndefined();
    let isOver = false;
    const over = pool.endedTo({ host: "job 7 on login" }).then(() => (isOver = true));
    await pool.endedTo({ host: "job 8 on login" });
    expect(isOver).toBe(false);
    finish();
    await Promise.all([ending, over]);
    expect(pool.all).toEqual([]);
  });
});
