import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Client } from "ssh2";
import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../../../src/common/failure.js";
import { silentLogger } from "../../../../src/common/logger.js";
import { type Attempt, createAttempt } from "../../../../src/ssh/inProcess/attempt.js";

/** Of ssh2, what an attempt hears and ends. */
class QuietClient extends EventEmitter {
  destroyed = 0;
  destroy(): void {
    this.destroyed += 1;
    this.emit("close");
  }
}

let client: QuietClient;
let attempt: Attempt;
const subject = { user: "ada", host: "gpu", port: 22 };
const at = { host: "gpu", port: 22 };
function start(signal?: AbortSignal): Attempt {
  client = new QuietClient();
  return createAttempt(client as unknown as Client, subject, silentLogger, signal);
}
beforeEach(() => {
  attempt = start();
  attempt.facts.stream = new PassThrough();
});

const report = (message: string, level?: string): void =>
  void client.emit("error", Object.assign(new Error(message), level !== undefined && { level }));

describe("an attempt", () => {
  it("tells what it found out when it is ready, and keeps what it opened", async () => {
    const { stream } = attempt.facts;
    attempt.facts.hostKey = { type: "ssh-ed25519", base64: "", fingerprint: "" };
    attempt.facts.accepted = () => ["nothing"];
    client.emit("ready");
    expect(await attempt.opened).toMatchObject({ client, stream, accepted: ["nothing"] });
    client.emit("close");
    report("read ECONNRESET");
    expect([client.destroyed, stream?.destroyed, attempt.signal.aborted]).toEqual([0, false, true]);
  });

  it("takes its client and its stream with it, once, when it fails", async () => {
    report("read ECONNRESET");
    await expect(attempt.opened).rejects.toMatchObject({
      detail: { code: "disconnected", reason: "", ...at },
    });
    expect([client.destroyed, attempt.facts.stream?.destroyed, attempt.signal.aborted]).toEqual([
      1,
      true,
      true,
    ]);
  });

  it("fails with the given failure, or the library's error", async () => {
    const failure = new Failure({ code: "jump-loop" });
    attempt.fail(failure);
    await expect(attempt.opened).rejects.toBe(failure);
    const other = start();
    other.fail(Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
    await expect(other.opened).rejects.toMatchObject({ detail: { code: "connection-refused", ...at } });
  });

  it("is cancelled, also before it begins", async () => {
    const giveUp = new AbortController();
    const other = start(giveUp.signal);
    giveUp.abort();
    await expect(other.opened).rejects.toThrow("cancelled");
    await expect(start(giveUp.signal).opened).rejects.toThrow("cancelled");
  });

  it("ends when a phase takes too long", async () => {
    attempt.timer.start(1);
    await expect(attempt.opened).rejects.toMatchObject({ detail: { code: "connect-timed-out", ...at } });
  });
});

describe("the end of an attempt that has begun to log in", () => {
  const trace = { tried: ["publickey (id)"], remaining: ["password"] };
  const refused = {
    detail: { code: "authentication-failed", user: "ada", ...trace, skipped: ["CertificateFile"] },
  };
  beforeEach(() => {
    attempt.facts.trace = () => trace;
    attempt.facts.skipped.push("CertificateFile");
  });

  it.each([
    [
      "nothing that there is was taken",
      () => report("All configured authentication methods failed", "client-authentication"),
    ],
    ["nobody can answer what the server asks", () => attempt.fail(undefined)],
    ["the server hangs up", () => void client.emit("close")],
  ])("is a failed authentication where %s", async (_why, end) => {
    end();
    await expect(attempt.opened).rejects.toMatchObject(refused);
  });

  it("says that it was too much where the server says so", async () => {
    report("Too many authentication failures");
    const detail = { code: "too-many-failures", user: "ada", tried: trace.tried, ...at };
    await expect(attempt.opened).rejects.toMatchObject({ detail });
  });

  it("is no failure where an agent alone has one", async () => {
    report("agent is gone", "agent");
    client.emit("ready");
    await attempt.opened;
  });
});
