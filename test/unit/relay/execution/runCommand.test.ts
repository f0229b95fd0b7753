import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Cancelled, Failure } from "../../../../src/common/failure.js";
import { runCommand, type RunOptions } from "../../../../src/relay/execution/runCommand.js";
import type { Runner } from "../../../../src/relay/execution/runner.js";
import type {
  Connection,
  RemoteProcess,
  RemoteProcessEnd,
  SpawnOptions,
} from "../../../../src/ssh/model/connection.js";
import type { SshFailure } from "../../../../src/ssh/model/failures.js";

/* The moments of a start at which no real server can be made to fail. */

const lost = new Failure<SshFailure>({ code: "connection-lost", host: "gpu", port: 22 });

/** A promise that a test settles. */
function later<T>() {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<T>((onValue, onError) => ([resolve, reject] = [onValue, onError]));
  return { promise, resolve, reject };
}

/** A connection that opens one session when it is told to. */
function connectionOf() {
  const sent: string[] = [];
  const stdin = new PassThrough();
  stdin.on("data", (bytes: Buffer) => sent.push(bytes.toString()));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const asked = later<SpawnOptions>();
  const opened = later<RemoteProcess>();
  const ended = later<RemoteProcessEnd>();
  let isKilled = false;
  const process: RemoteProcess = {
    stdin,
    stdout,
    stderr,
    ended: ended.promise,
    kill: () => (isKilled = true),
  };
  const connection = {
    target: { host: "gpu" },
    spawn: (_command: string, options: SpawnOptions) => {
      asked.resolve(options);
      options.onSlot?.();
      return opened.promise;
    },
  } as unknown as Connection;
  return {
    connection,
    sent,
    stdin,
    stdout,
    stderr,
    asked: asked.promise,
    open: () => opened.resolve(process),
    refuse: (error: Error) => opened.reject(error),
    end: ended.resolve,
    isKilled: () => isKilled,
  };
}

const noRunner = { isReady: false, starting: undefined } as Runner;

const optionsWith = (begin: RunOptions["begin"]): RunOptions => ({
  command: "echo hi",
  runner: noRunner,
  timeLimit: 1_000,
  outputLimit: 1_000,
  signal: new AbortController().signal,
  begin,
});

describe("a command", () => {
  it("is sent once the session is open and the journal knows of it, and not before", async () => {
    const host = connectionOf();
    const noted = later<void>();
    const running = runCommand(
      host.connection,
      optionsWith(() => noted.promise),
    );
    (await host.asked).onOpen?.(host.stdin);
    host.open();
    await nextTurn();
    expect(host.sent).toEqual([]);
    noted.resolve();
    await nextTurn();
    const text = host.sent.join("");
    expect(text).toContain("echo hi");
    const mark = /main '?([0-9a-f]{24})/.exec(text)?.[1] ?? "";
    host.stdout.write(`noise\n${mark} 7\nhi\n`);
    host.stderr.write(`${mark} 7\n`);
    await nextTurn();
    host.end({ kind: "exited", code: 0, signal: undefined });
    const { end, stdout, stderr } = await running;
    expect([end.kind, stdout.text, stderr.text]).toEqual(["exited", "hi\n", ""]);
  });

  it("whose connection is lost before is never sent, and may be tried again", async () => {
    const host = connectionOf();
    const noted = later<void>();
    const running = runCommand(
      host.connection,
      optionsWith(() => noted.promise),
    );
    (await host.asked).onOpen?.(host.stdin);
    host.refuse(lost);
    await expect(running).rejects.toBe(lost);
    noted.resolve();
    await nextTurn();
    expect(host.sent).toEqual([]);
  });

  it("whose connection is lost after that has ended nobody knows how", async () => {
    const host = connectionOf();
    const running = runCommand(
      host.connection,
      optionsWith(() => Promise.resolve()),
    );
    (await host.asked).onOpen?.(host.stdin);
    await nextTurn();
    host.refuse(lost);
    expect((await running).end).toEqual({ kind: "lost" });
  });

  it("that the journal cannot note is not sent", async () => {
    const host = connectionOf();
    const full = new Error("the disk is full");
    const running = runCommand(
      host.connection,
      optionsWith(() => Promise.reject(full)),
    );
    (await host.asked).onOpen?.(host.stdin);
    host.open();
    await expect(running).rejects.toBe(full);
    expect([host.sent, host.isKilled()]).toEqual([[], true]);
  });

  it("that waits for a session is run by the program that has become ready", async () => {
    const ready = new AbortController();
    const ran: string[] = [];
    const runner = {
      isReady: false,
      starting: ready.signal,
      run: (command: string) => {
        ran.push(command);
        const ended = Promise.resolve({ kind: "exited", code: 0, signal: undefined });
        return { begun: Promise.resolve(true), ended, group: "123", end: () => undefined };
      },
    };
    const connection = {
      target: { host: "gpu" },
      spawn: (_command: string, { signal }: SpawnOptions) =>
        new Promise((_, reject) =>
          signal?.addEventListener("abort", () => reject(new Cancelled()), { once: true }),
        ),
    } as unknown as Connection;
    let begun = 0;
    const begin = (): Promise<void> => Promise.resolve(void (begun += 1));
    const running = runCommand(connection, { ...optionsWith(begin), runner: runner as unknown as Runner });
    runner.isReady = true;
    ready.abort();
    expect((await running).end).toMatchObject({ kind: "exited", code: 0 });
    expect([ran, begun]).toEqual([["echo hi"], 1]);
  });

  it("that the program could not begin runs in a session of its own", async () => {
    const host = connectionOf();
    const never = new Promise<never>(() => undefined);
    const runner = {
      isReady: true,
      starting: undefined,
      run() {
        this.isReady = false;
        return { begun: Promise.resolve(false), ended: never, group: "", end: () => undefined };
      },
    };
    const running = runCommand(host.connection, {
      ...optionsWith(() => Promise.resolve()),
      runner: runner as unknown as Runner,
    });
    (await host.asked).onOpen?.(host.stdin);
    host.open();
    await nextTurn();
    expect(host.sent.join("")).toContain("echo hi");
    host.end({ kind: "exited", code: 1, signal: undefined });
    await expect(running).rejects.toMatchObject({ detail: { code: "script-did-not-run" } });
  });

  it("that a start-up file prevents reports its output", async () => {
    const host = connectionOf();
    const running = runCommand(
      host.connection,
      optionsWith(() => Promise.resolve()),
    );
    (await host.asked).onOpen?.(host.stdin);
    host.open();
    await nextTurn();
    host.stdout.write("This account is closed.\n");
    await nextTurn();
    host.end({ kind: "exited", code: 1, signal: undefined });
    await expect(running).rejects.toMatchObject({
      detail: { code: "script-did-not-run", output: "This account is closed.", exitStatus: 1 },
    });
  });
});
