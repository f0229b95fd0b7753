import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Failure } from "../../../../src/common/failure.js";
import { createCollector } from "../../../../src/relay/execution/output.js";
import { createRunners, type Runner, type RunnerJob } from "../../../../src/relay/execution/runner.js";
import { encodeTaggedFrame } from "../../../../src/ssh/channel/taggedFrames.js";
import type { Connection, RemoteProcess, RemoteProcessEnd } from "../../../../src/ssh/model/connection.js";
import type { SshFailure } from "../../../../src/ssh/model/failures.js";

/* What a host may say that no program of ours does. */

/** A connection on which the program for commands starts, and says what a test lets it say. */
function hostOf() {
  const executed: string[] = [];
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let sent = "";
  let end: (how: RemoteProcessEnd) => void = () => undefined;
  let [spawned, isKilled] = [0, false];
  stdin.on("data", (bytes: Buffer) => (sent += bytes.toString("latin1")));
  const connection = {
    target: { host: "gpu" },
    exec: (command: string) => Promise.resolve(void executed.push(command)),
    spawn: (_command: string, { input }: { input: Buffer }): Promise<RemoteProcess> => {
      spawned += 1;
      sent += input.toString();
      const ended = new Promise<RemoteProcessEnd>((resolve) => (end = resolve));
      return Promise.resolve({ stdin, stdout, stderr, ended, kill: () => (isKilled = true) });
    },
  } as unknown as Connection;
  const tag = (): Buffer => Buffer.from(/main '?([0-9a-f]{16})/.exec(sent)?.[1] ?? "");
  return {
    connection,
    executed,
    spawned: () => spawned,
    isKilled: () => isKilled,
    sent: () => sent,
    isTold: () => stdin.writableEnded,
    begins: async (): Promise<void> => {
      await nextTurn();
      stdout.write(`${/<<[0-9a-f]{24}/.exec(sent)?.[0]}\n`);
      await nextTurn();
      await nextTurn();
    },
    says: async (kind: string, number: number, payload: string | Buffer = ""): Promise<void> => {
      stdout.write(encodeTaggedFrame(kind, number, Buffer.from(payload), tag()));
      await nextTurn();
    },
    prints: async (text: string): Promise<void> => {
      stdout.write(text);
      await nextTurn();
    },
    ends: async (how: RemoteProcessEnd): Promise<void> => {
      end(how);
      await nextTurn();
    },
  };
}

type Host = ReturnType<typeof hostOf>;

async function readyRunner(host: Host): Promise<Runner> {
  const runners = createRunners(1_000);
  runners.of(host.connection);
  const runner = runners.of(host.connection);
  await host.begins();
  await host.says("H", 0);
  expect(runner.isReady).toBe(true);
  return runner;
}

const printedOf = () => ({ stdout: createCollector(1_000), stderr: createCollector(1_000) });
const stateOf = async (job: RunnerJob): Promise<unknown> =>
  Promise.race([job.ended, nextTurn().then(() => "runs")]);

describe("the program that runs the commands of a connection", () => {
  it("is not asked for by the first command, and takes none before it says that it is ready", async () => {
    const host = hostOf();
    const runners = createRunners(1_000);
    const runner = runners.of(host.connection);
    expect([host.spawned(), runner.isReady, runner.starting]).toEqual([0, false, undefined]);
    runners.of(host.connection);
    await host.begins();
    const { starting } = runner;
    expect([host.spawned(), runner.isReady, starting?.aborted]).toEqual([1, false, false]);
    await host.says("H", 0);
    expect([runner.isReady, starting?.aborted, runner.starting]).toEqual([true, true, undefined]);
    runners.of(host.connection);
    expect(host.spawned()).toBe(1);
  });

  it("is not used where it does not start", async () => {
    const host = hostOf();
    const runners = createRunners(1_000);
    runners.of(host.connection);
    const runner = runners.of(host.connection);
    await host.begins();
    await host.ends({ kind: "exited", code: 1, signal: undefined });
    runners.of(host.connection);
    expect([runner.isReady, runner.starting, host.spawned()]).toEqual([false, undefined, 1]);
  });

  it("counts what was printed and not sent", async () => {
    const host = hostOf();
    const runner = await readyRunner(host);
    const printed = printedOf();
    const job = runner.run("echo hi", printed);
    expect(host.sent()).toContain("echo hi");
    await host.says("B", 1, "123");
    expect(await job.begun).toBe(true);
    await host.says("O", 1, "hi\n");
    const end = Buffer.alloc(20);
    end.writeUInt32BE(7, 0);
    end.writeBigUInt64BE(5_000_000_000n, 4);
    await host.says("X", 1, end);
    expect(await job.ended).toEqual({ kind: "exited", code: 7, signal: undefined });
    expect([printed.stdout.text, printed.stdout.printed, printed.stderr.printed]).toEqual(["hi\n", 5e9, 0]);
  });

  it("gets no more commands after one failed to start, and exits after the others", async () => {
    const host = hostOf();
    const runner = await readyRunner(host);
    const [first, second] = [runner.run("one", printedOf()), runner.run("two", printedOf())];
    await host.says("B", 1, "123");
    await host.says("N", 2);
    expect(await second.begun).toBe(false);
    expect([runner.isReady, await stateOf(first), host.isTold()]).toEqual([false, "runs", false]);
    await host.says("X", 1, Buffer.alloc(20));
    expect(host.isTold()).toBe(true);
  });

  it.each([
    ["is no frame", async (host: Host) => host.prints("Broadcast message from root: the system goes down\n")],
    ["is no kind of frame", async (host: Host) => host.says("Z", 1)],
    ["is longer than it may be", async (host: Host) => host.says("O", 1, "x".repeat(65_537))],
    ["is no end", async (host: Host) => host.says("X", 1, "1")],
  ])("is given up when its output %s", async (_what, say) => {
    const host = hostOf();
    const runner = await readyRunner(host);
    const job = runner.run("sleep 9", printedOf());
    await host.says("B", 1, "123");
    await say(host);
    expect(await job.ended).toEqual({ kind: "runner-ended" });
    expect([runner.isReady, host.isKilled(), host.executed]).toEqual([false, true, ["kill -s KILL -- -123"]]);
    await host.says("O", 1, "late");
    await host.ends({ kind: "exited", code: undefined, signal: "TERM" });
    expect(host.executed).toHaveLength(1);
  });

  it("that is killed takes with it the process groups that it told, and nothing that is no such number", async () => {
    const host = hostOf();
    const runner = await readyRunner(host);
    const jobs = ["12", "1", "0", "-1", "x; rm", "34"].map(() => runner.run("sleep 9", printedOf()));
    for (const [index, group] of ["12", "1", "0", "-1", "x; rm", "34"].entries())
      await host.says("B", index + 1, group);
    await host.ends({ kind: "exited", code: undefined, signal: "KILL" });
    expect(await Promise.all(jobs.map(({ ended }) => ended))).toEqual(
      jobs.map(() => ({ kind: "runner-ended" })),
    );
    expect(host.executed).toEqual(["kill -s KILL -- -12 -34"]);
  });

  it("that goes with its connection leaves nothing to be asked of the host", async () => {
    const host = hostOf();
    const runner = await readyRunner(host);
    const job = runner.run("sleep 9", printedOf());
    await host.says("B", 1, "123");
    const failure = new Failure<SshFailure>({ code: "connection-lost", host: "gpu", port: 22 });
    await host.ends({ kind: "lost", failure });
    expect([await job.ended, host.executed]).toEqual([{ kind: "lost" }, []]);
  });
});
