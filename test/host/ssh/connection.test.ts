import { existsSync } from "node:fs";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { encodeBytes } from "../../../src/common/text/bytes.js";
import { nextEvent } from "../../../src/common/async/event.js";
import { Cancelled } from "../../../src/common/failure.js";
import type { Credentials } from "../../../src/ssh/model/connectRequest.js";
import { runScript } from "../../../src/ssh/channel/script.js";
import { createTestClient, credentialsOf, targetOf, trusting } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { makeKey } from "../../support/sshd.js";
import { until } from "../../support/until.js";

describe("exec", () => {
  it("gives both streams and the exit status", async ({ connection }) => {
    const result = await connection.exec("echo out; echo err >&2; exit 7");
    expect(result.stdout.toString()).toBe("out\n");
    expect(result.stderr.toString()).toBe("err\n");
    expect(result).toMatchObject({ code: 7, signal: undefined, truncated: false });
  });

  it("names the signal that ended the command", async ({ connection }) => {
    expect(await connection.exec("exec sh -c 'kill -9 $$'")).toMatchObject({
      code: undefined,
      signal: "KILL",
    });
  });

  it("passes megabytes of any bytes in and out", async ({ connection }) => {
    const bytes = randomBytes(3 * 1024 * 1024);
    const result = await connection.exec("cat", { stdin: bytes });
    const digest = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
    expect(digest(result.stdout)).toBe(digest(bytes));
  });

  it("keeps no more than the limit", async ({ connection }) => {
    const result = await connection.exec("head -c 100000 /dev/zero", { outputLimit: 1000 });
    expect(result.stdout).toHaveLength(1000);
    expect(result).toMatchObject({ truncated: true, code: 0 });
  });

  it("runs thirty at once though a stock server allows ten", async ({ connection }) => {
    const results = await Promise.all(Array.from({ length: 30 }, (_, n) => connection.exec(`echo ${n}`)));
    expect(results.map(({ stdout }) => stdout.toString().trim())).toEqual(results.map((_, n) => String(n)));
  });

  it("is cancelled while it runs, and the command does not go on", async ({ connection }) => {
    const stop = new AbortController();
    let running: Promise<unknown> = Promise.resolve();
    const pid = await new Promise<string>((resolve) => {
      running = connection.exec("echo $$; while echo; do sleep 0.1; done", {
        signal: stop.signal,
        onStdout: (chunk) => resolve(chunk.toString().split("\n")[0] ?? ""),
      });
      running.catch(() => undefined);
    });
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    stop.abort();
    await expect(running).rejects.toBeInstanceOf(Cancelled);
    await until("the command has ended", () => !existsSync(`/proc/${pid}`));
    await expect(connection.exec("true", { signal: stop.signal })).rejects.toBeInstanceOf(Cancelled);
  });

  it("fails after its time", async ({ connection }) => {
    const slow = connection.exec("exec sleep 60", { timeout: 50 });
    await expect(slow).rejects.toMatchObject({ detail: { code: "exec-timed-out", seconds: 0.05 } });
  });
});

describe("runScript", () => {
  it("passes hostile arguments as they are", async ({ connection }) => {
    const hostile = [
      "'; touch x #",
      "$(touch x)",
      "a\nb",
      "-rf",
      "\udcd6\udcd0",
      "x".repeat(4096),
      "",
      "中文",
    ];
    const script = `main() { for word; do printf '%s\\0' "$word"; done; }`;
    const { output } = await runScript(connection, script, hostile);
    expect(output).toEqual(
      Buffer.concat(hostile.map((word) => Buffer.concat([encodeBytes(word), Buffer.from([0])]))),
    );
  });

  it("refuses a NUL before anything is sent", async ({ connection, server }) => {
    const sent = (await server.commands()).length;
    await expect(runScript(connection, "main() { :; }", ["a\0b"])).rejects.toMatchObject({
      detail: { code: "value-has-nul" },
    });
    expect(await server.commands()).toHaveLength(sent);
  });
});

describe("a connection", () => {
  it("is shared by clients with valid credentials, and survives others", async ({ server }) => {
    const own = await createTestClient();
    const connect = (credentials: Credentials) =>
      own.connections.connect({ target: targetOf(server), credentials }, trusting);
    const first = await connect(credentialsOf(server));
    expect(await connect(credentialsOf(server))).toBe(first);
    expect(await connect({})).toBe(first);
    const text = await readFile(server.identityFile, "utf8");
    const logins = async (): Promise<number> => (await server.log()).split("Accepted publickey").length;
    const before = await logins();
    expect(await connect({ privateKeys: [text], useAgent: false })).toBe(first);
    expect(await connect({ privateKeys: [text], useAgent: false })).toBe(first);
    expect((await logins()) - before).toBe(1);
    const stranger = join(own.home, "stranger");
    makeKey(stranger, "ed25519", "");
    await expect(connect({ identityFiles: [stranger], useAgent: false })).rejects.toMatchObject({
      detail: { code: "authentication-failed" },
    });
    await expect(connect({ identityFiles: ["/dev/zero"] })).rejects.toMatchObject({
      detail: { code: "identity-file-unreadable" },
    });
    expect(own.connections.all).toEqual([first]);
    expect((await first.exec("echo alive")).stdout.toString()).toBe("alive\n");
    await own.dispose();
  });

  it("is given to nobody while it is ended, and who connects meanwhile gets a new one", async ({
    server,
  }) => {
    const own = await createTestClient();
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    const first = await own.connections.connect(request, trusting);
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const ended = own.connections.whileEnding(first.id, async () => {
      await finished;
      await first.close();
    });
    expect(await own.connections.present(request)).toBeUndefined();
    const abort = new AbortController();
    const cancelled = own.connections.connect(request, trusting, { signal: abort.signal });
    abort.abort();
    await expect(cancelled).rejects.toThrow(Cancelled);
    const second = own.connections.connect(request, trusting);
    expect(await Promise.race([second, first.exec("true").then(() => "goes on")])).toBe("goes on");
    finish();
    await ended;
    expect((await second).state).toBe("open");
    expect(await second).not.toBe(first);
    await own.dispose();
  });

  it("goes on where ending it failed", async ({ server }) => {
    const own = await createTestClient();
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    const first = await own.connections.connect(request, trusting);
    const failed = own.connections.whileEnding(first.id, () => Promise.reject(new Error("no answer")));
    await expect(failed).rejects.toThrow("no answer");
    expect(await own.connections.connect(request, trusting)).toBe(first);
    await own.dispose();
  });

  it("ends with an event and refuses what comes later", async ({ server }) => {
    const own = await createTestClient();
    const second = await own.connectTo(server);
    const closed = nextEvent(second.onDidClose);
    const pending = second.exec("exec sleep 60");
    pending.catch(() => undefined);
    await second.close();
    expect(await closed).toEqual({ kind: "closed" });
    expect(own.connections.all).toEqual([]);
    await expect(pending).rejects.toMatchObject({ detail: { code: "connection-lost" } });
    await expect(second.exec("true")).rejects.toMatchObject({ detail: { code: "connection-lost" } });
    await own.dispose();
  });
});
