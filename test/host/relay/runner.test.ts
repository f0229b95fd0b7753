import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFaultyLink } from "../../support/faultyLink.js";
import { processesIn, processesNaming } from "../../support/processes.js";
import { type AgentRig, frameFor, trust, linkAgent } from "../../support/relay/agentRig.js";
import { countEffects } from "../../support/relay/effects.js";
import type { Frame, Peer } from "../../support/relay/peer.js";
import { startWebSocketPeer } from "../../support/relay/webSocketPeer.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/*
 * From the second command on, a program on the host runs the commands of a connection. What a command sees and how it ends
 * is as without it, and whatever becomes of that program, none is lost or runs twice.
 */

let host: Sshd;
let peer: Peer;
let rig: AgentRig;

async function begin(config: readonly string[] = []): Promise<void> {
  host = await startSshd({ shell: "/bin/bash", config });
  peer = await startWebSocketPeer();
  rig = await linkAgent(peer, host);
}
afterEach(async () => {
  await rig.dispose();
  await peer.close();
  await host.stop();
});

const ask = async (command: string, more: Frame = {}) => peer.ask(await frameFor(host, command, more));
const whoRuns = async (more: Frame = {}): Promise<string> =>
  (await ask("cat /proc/$PPID/comm", more)).stdout.trim();
/** Until it is the program that runs commands. */
const runnerIsReady = (more: Frame = {}): Promise<void> =>
  until("the program runs commands", async () => (await whoRuns(more)) === "runicorn-relay");
const runners = async (): Promise<number[]> =>
  (await processesIn(host.home))
    .filter(({ commandLine }) => commandLine.startsWith("runicorn-relay"))
    .map(({ pid }) => pid);

let count = 0;
/** A command with three processes that name it; one of them ignores TERM. */
function family(): { readonly name: string; readonly command: string } {
  const name = `runner-family-${process.pid}-${(count += 1)}`;
  const child = `sh -c 'sleep 300; : ${name}'`;
  return {
    name,
    command: `${child} & (trap '' TERM; ${child}) >/dev/null 2>&1 & echo begun; ${child}; echo ended`,
  };
}
const nothingRunsOf = (name: string): Promise<void> =>
  until("nothing of it runs", async () => (await processesNaming(name)).length === 0);
const allRunsOf = (name: string): Promise<void> =>
  until("all of it runs", async () => (await processesNaming(name)).length >= 3);

describe("the program on a host that runs commands", () => {
  beforeEach(() => begin());

  it("is started with the second command, once, and takes one session for all that follow", async () => {
    await ask("true");
    expect(await host.commands()).toHaveLength(1);
    await runnerIsReady();
    const before = (await host.commands()).length;
    const results = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(`echo ${index}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, index) => `${index}\n`));
    expect(await host.commands()).toHaveLength(before);
    expect(await runners()).toHaveLength(1);
  });

  it("gives a command the same environment as a session", async () => {
    const command = [
      "env | grep -v '^_=' | sort",
      "pwd; umask; ulimit -a; nice; echo $0 $-",
      "grep -E '^Sig(Blk|Ign)' /proc/self/status",
      "for fd in /proc/$$/fd/*; do echo ${fd##*/} $(readlink $fd | sed 's/:.*//'); done",
      '[ "$(ps -o pgid= -p $$)" = "$(ps -o sid= -p $$)" ] && echo session of its own',
      "ps -o tty= -p $$; cat",
    ].join("\n");
    const alone = await ask(command);
    await runnerIsReady();
    const { stdout, ...rest } = await ask(command);
    // Of the two signals that glibc keeps for itself, whatever it starts ignores them until its own glibc wants them.
    expect({
      stdout: stdout.replace("SigIgn:\t0000000180000000", `SigIgn:\t${"0".repeat(16)}`),
      ...rest,
    }).toEqual(alone);
    expect(alone.stdout).toContain("session of its own\n");
    expect(alone.stdout).not.toContain("LC_CTYPE");
  });

  it("ends a command that takes too long with all that it started, and no other", async () => {
    await runnerIsReady();
    const [late, other] = [family(), ask("sleep 4; echo done")];
    const result = await ask(late.command, { timeout: 500 });
    expect(result).toMatchObject({ stdout: "begun\n", exitCode: 1 });
    expect(result.stderr).toContain("The command took longer than 500 ms.");
    await nothingRunsOf(late.name);
    expect(await other).toMatchObject({ stdout: "done\n", exitCode: 0 });
    expect(await whoRuns()).toBe("runicorn-relay");
  });

  it("leaves background processes of a finished command running", async () => {
    await runnerIsReady();
    const name = `left-${process.pid}`;
    const started = await ask(`sh -c 'sleep 300; : ${name}' >/dev/null 2>&1 & echo started`);
    expect(started).toEqual({ stdout: "started\n", stderr: "", exitCode: 0 });
    const [left] = await processesNaming(name);
    process.kill(left!.pid);
  });

  it("waits for what holds the streams of a command that has ended", async () => {
    await runnerIsReady();
    expect(await ask("(sleep 1; echo late) & echo soon")).toMatchObject({
      stdout: "soon\nlate\n",
      exitCode: 0,
    });
  });

  it("keeps nobody waiting behind a flood, and counts what it does not send", async () => {
    await runnerIsReady();
    const floods = [1, 2, 3, 4].map(() => ask("yes & yes >&2", { timeout: 6_000 }));
    const counted = ask("head -c 30000000 /dev/zero | tr '\\0' a");
    for (let index = 0; index < 20; index += 1)
      expect(await ask(`echo ${index}`)).toEqual({ stdout: `${index}\n`, stderr: "", exitCode: 0 });
    expect((await counted).stderr).toMatch(/^stdout was cut: 7\d{5} of 30000000 bytes are here\.\n$/);
    for (const result of await Promise.all(floods)) {
      expect(result.stdout).toMatch(/^(y\n){50000}/);
      expect(result.stderr).toContain("The command took longer than 6000 ms.");
    }
  });

  it("takes commands with quotes, line breaks and any length, and says the same of those that cannot be run", async () => {
    await runnerIsReady();
    const long = await ask(`: ${"x".repeat(100_000)}; echo ok`);
    expect(long.stdout).toBe("ok\n");
    const odd = `echo "a'b" 'c"d' \\$x\necho 'schöne 训练 🎉'`;
    expect((await ask(odd)).stdout).toBe(`a'b c"d $x\nschöne 训练 🎉\n`);
    // More than the kernel takes as one argument: the shell on the way tells.
    const longer = await ask(`: ${"x".repeat(200_000)}; echo ok`);
    expect(longer).toMatchObject({ stdout: "", exitCode: 126 });
    expect(await ask("echo still")).toMatchObject({ stdout: "still\n" });
  });

  it("ignores signals, and is not found by the name python", async () => {
    await runnerIsReady();
    const [pid] = await runners();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.kill(pid!, signal);
    expect(await whoRuns()).toBe("runicorn-relay");
    // By its names: no other process may be hit by the test.
    const named = await ask(`pgrep -x 'python[0-9.]*'; pgrep -f python`);
    expect(named.stdout.split("\n")).not.toContain(String(pid));
  });
});

describe("when the program that runs commands is killed", () => {
  beforeEach(() => begin());

  it("each command is answered, runs once, and is ended; what follows runs without it", async () => {
    await runnerIsReady();
    const effects = await countEffects(host);
    const { name, command } = family();
    const frames = await Promise.all([1, 2, 3].map(() => effects.command(command)));
    const answers = Promise.all(frames.map((frame) => peer.ask(frame)));
    await until("all of them run", async () => (await processesNaming(name)).length >= 9);
    const [pid] = await runners();
    process.kill(pid!, "SIGKILL");
    for (const { stderr, exitCode } of await answers) {
      expect(stderr).toContain("the program that runs the agent's commands was ended");
      expect(exitCode).toBe(1);
    }
    await nothingRunsOf(name);
    expect(await ask("echo after")).toEqual({ stdout: "after\n", stderr: "", exitCode: 0 });
    expect(await whoRuns()).not.toBe("runicorn-relay");
    const again = await peer.ask(frames[0]!);
    expect(again.stderr).toContain("was ended");
    expect(await Promise.all(frames.map(({ commandId }) => effects.of(commandId)))).toEqual([1, 1, 1]);
    await effects.dispose();
  });

  it("over and over, while commands come, none is lost or runs twice", async () => {
    const effects = await countEffects(host);
    for (let round = 0; round < 5; round += 1) {
      await host.cutConnections();
      await runnerIsReady();
      const frames = await Promise.all(Array.from({ length: 20 }, () => effects.command("sleep 0.05")));
      const answers = Promise.all(frames.map((frame) => peer.ask(frame)));
      await until("some have ended", () => frames.some(({ commandId }) => peer.resultOf(commandId)));
      for (const pid of await runners()) process.kill(pid, "SIGKILL");
      const results = await answers;
      for (const [index, { commandId }] of frames.entries()) {
        const { stdout, stderr, exitCode } = results[index]!;
        const happened = await effects.of(commandId);
        if (exitCode === 0) expect([stdout, happened]).toEqual([`${commandId}\n`, 1]);
        else {
          expect(stderr).toContain("was ended");
          expect(happened).toBeLessThanOrEqual(1);
        }
      }
    }
    await effects.dispose();
  });
});

describe("a connection whose commands a program runs", () => {
  beforeEach(() => begin());

  it("ends all that runs, with all that it started, when it is lost", async () => {
    const way = await openFaultyLink(host.port);
    await trust(rig, { ...host, port: way.port });
    await runnerIsReady({ port: way.port });
    const { name, command } = family();
    peer.execute(await frameFor(host, command, { port: way.port }));
    await allRunsOf(name);
    way.cut();
    await nothingRunsOf(name);
    await until("the program is gone", async () => (await runners()).length === 0);
    await way.close();
  });

  it("ends what runs when the agent is stopped", async () => {
    await runnerIsReady();
    const { name, command } = family();
    peer.execute(await frameFor(host, command));
    await allRunsOf(name);
    await rig.relay.stop();
    await nothingRunsOf(name);
    await until("the program is gone", async () => (await runners()).length === 0);
  });
});

describe.each([1, 2])("on a server that grants %d sessions", (sessions) => {
  beforeEach(() => begin([`MaxSessions ${sessions}`]));

  it("every command runs, whoever has the places", async () => {
    for (let round = 0; round < 3; round += 1) {
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) => ask(`sleep 0.0${index % 4}; echo ${index}`)),
      );
      expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, index) => `${index}\n`));
    }
  });
});
