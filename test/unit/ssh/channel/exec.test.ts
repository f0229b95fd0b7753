import { once } from "node:events";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { execWith } from "../../../../src/ssh/channel/exec.js";
import { startScript } from "../../../../src/ssh/channel/script.js";
import type { Connection, RemoteProcess } from "../../../../src/ssh/model/connection.js";

/** A command that does what the test writes. */
function fakeProcess() {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let killed = false;
  const process: RemoteProcess = {
    stdin,
    stdout,
    stderr,
    ended: new Promise(() => undefined),
    kill: () => (killed = true),
  };
  return { process, stdout, stderr, isKilled: () => killed };
}

function on(process: RemoteProcess, sent: (input: string) => void = () => undefined): Connection {
  const connection: Partial<Connection> = {
    target: { host: "gpu" },
    spawn: (_command, options) => {
      sent(Buffer.from(options?.input ?? []).toString());
      return Promise.resolve(process);
    },
  };
  return connection as Connection;
}

const block = Buffer.alloc(64 * 1024, "x");

describe("a script that does not start", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("is given up after a minute, even if its login shell keeps printing a little", async () => {
    const { process, stdout, isKilled } = fakeProcess();
    const started = startScript(on(process), "main() { :; }", []);
    stdout.write("Welcome!\n");
    const failed = expect(started).rejects.toMatchObject({
      detail: { code: "script-did-not-run", host: "gpu", output: "Welcome!" },
    });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(isKilled()).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    await failed;
    expect(isKilled()).toBe(true);
  });

  it.each(["stdout", "stderr"] as const)("is given up after 8 MiB on %s", async (stream) => {
    const { process, isKilled, ...streams } = fakeProcess();
    const started = startScript(on(process), "main() { :; }", []);
    started.catch(() => undefined);
    for (let sent = 0; sent < 8 * 1024 * 1024; sent += block.length) streams[stream].write(block);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isKilled()).toBe(false);
    streams[stream].write(block);
    await expect(started).rejects.toMatchObject({ detail: { code: "script-did-not-run" } });
    expect(isKilled()).toBe(true);
  });
});

describe("a script that starts", () => {
  it("has both streams passed on from the first byte, even if the sentinel comes in chunks", async () => {
    const { process, stdout, stderr } = fakeProcess();
    let sentinel = "";
    const started = startScript(
      on(process, (input) => (sentinel = /'(<<[0-9a-f]+)'/.exec(input)?.[1] ?? "")),
      "main() { :; }",
      [],
    );
    for (const letter of `noise ${sentinel}`) stdout.write(letter);
    stdout.write("\nfirst");
    const script = await started;
    expect(String(script.stdout.read() ?? "")).toBe("first");
    stderr.write("complaint");
    expect(String((await once(script.stderr, "data"))[0])).toBe("complaint");
  });
});

describe("a command that prints on and on", () => {
  it.each(["stdout", "stderr"] as const)("on %s is ended, and its beginning kept", async (stream) => {
    const { process, isKilled, ...streams } = fakeProcess();
    const result = execWith(() => Promise.resolve(process), "yes", { outputLimit: 1_000 }, "gpu");
    for (let sent = 0; sent < 9 * 1024 * 1024; sent += block.length) streams[stream].write(block);
    expect(await result).toMatchObject({ code: undefined, truncated: true });
    expect((await result)[stream]).toEqual(block.subarray(0, 1_000));
    expect(isKilled()).toBe(true);
  });
});
