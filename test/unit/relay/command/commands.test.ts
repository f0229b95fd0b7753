import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../../../src/common/failure.js";
import { createAllowedHosts } from "../../../../src/relay/command/allowedHosts.js";
import { createCommands, type Ended } from "../../../../src/relay/command/commands.js";
import type { HostPool } from "../../../../src/relay/command/hostPool.js";
import { type Journal, openJournal } from "../../../../src/relay/journal/journal.js";
import { createCollector } from "../../../../src/relay/execution/output.js";
import { createQueue } from "../../../../src/relay/command/queue.js";
import type { CommandOutcome } from "../../../../src/relay/execution/runCommand.js";
import type { SshFailure } from "../../../../src/ssh/model/failures.js";

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "commands-"));
  journal = await openJournal({ file: join(folder, "a.journal"), apiKey: "k".repeat(32) });
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

const outcome: CommandOutcome = {
  end: { kind: "exited", code: 0, signal: undefined },
  stdout: createCollector(10),
  stderr: createCollector(10),
};

/** Runs one command on a host that fails in this way so many times before anything begins. */
async function run(failure: SshFailure, times: number): Promise<{ ended: Ended; tries: number }> {
  let tries = 0;
  const pool: HostPool = {
    use: <T>() => {
      tries += 1;
      return tries <= times ? Promise.reject(new Failure(failure)) : Promise.resolve(outcome as T);
    },
    size: 0,
    closeAll: () => Promise.resolve(),
  };
  const ended = await new Promise<Ended>((onEnded, onError) => {
    const commands = createCommands({
      journal,
      queue: createQueue({ overall: 1, perHost: 1, waiting: 1 }),
      pool,
      allowedHosts: createAllowedHosts(["127.0.0.1"]),
      isAllowedCommand: () => true,
      timeLimit: 1_000,
      outputLimit: 1_000,
      waitingLimit: 1,
      describe: ({ code }) => code,
      onReceived: () => undefined,
      onRepeated: () => undefined,
      onEnded,
      onError,
    });
    const credentials = { password: "p" };
    const at = { host: "127.0.0.1", port: 22, user: "u", credentials };
    commands.receive({ kind: "command", command: { id: "a", ...at, command: ":", timeLimit: undefined } });
  });
  return { ended, tries };
}

describe("a command that could not start", () => {
  const lost: SshFailure = { code: "connection-lost", host: "127.0.0.1", port: 22 };
  const denied: SshFailure = { code: "connection-refused", host: "127.0.0.1", port: 22 };
  it("because its connection was dead is tried three times", async () => {
    const { ended, tries } = await run(lost, 2);
    expect(tries).toBe(3);
    expect(ended).toMatchObject({ fate: "done", result: { exitCode: 0 } });
  });

  it("is answered with a failure if that does not help, or is not possible", async () => {
    expect(await run(lost, 3)).toMatchObject({ tries: 3, ended: { result: { stderr: lost.code } } });
    journal = await journal
      .close()
      .then(() => openJournal({ file: join(folder, "b"), apiKey: "k".repeat(32) }));
    expect(await run(denied, 1)).toMatchObject({ tries: 1, ended: { result: { stderr: denied.code } } });
  });
});
