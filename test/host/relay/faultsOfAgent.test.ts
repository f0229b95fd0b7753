import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect } from "vitest";
import type { CommandResult } from "../../../src/relay/protocol/serverMessages.js";
import { processesNaming } from "../../support/processes.js";
import { type AgentProcess, createAgentProcess } from "../../support/relay/agentProcess.js";
import type { Effects } from "../../support/relay/effects.js";
import { startLastingServer } from "../../support/relay/lastingServer.js";
import { it, mainServers } from "../../support/relay/relayTest.js";
import { until } from "../../support/until.js";

/* An agent that is killed with -9. `npm run test:relay-faults` kills it more often. */

const moments = Number(process.env["RELAY_FAULT_ROUNDS"] ?? 20) / 4;
const testTimeout = 60_000 + moments * 15_000;

const neverBegun = "The command was not run, because the relay agent ended before its turn came.";
const interrupted = "The relay agent ended while the command ran.";

describe.each(mainServers)("an agent that is killed, over %s", (_name, startPeer) => {
  let agent: AgentProcess;
  afterEach(() => agent.dispose());

  const nothingRuns = (effects: Effects): Promise<void> =>
    until("nothing of it runs", async () => (await processesNaming(`${effects.folder}/`)).length === 0);

  it("takes what runs with it; the next answers it, and what waited, and runs none of it", async ({
    server: host,
    effects,
  }) => {
    const peer = await startPeer();
    agent = await createAgentProcess(peer.url, host);
    agent.start();
    await peer.agent();
    const long = await Promise.all([1, 2, 3].map(() => effects.command("sleep 300")));
    for (const frame of long) peer.execute(frame);
    await until("all have begun", async () => (await readdir(effects.folder)).length === long.length);
    const waiting = await Promise.all([1, 2, 3].map(() => effects.command()));
    for (const frame of waiting) peer.execute(frame);
    const isQueued = async (id: string): Promise<boolean> =>
      (await agent.journal()).includes(`"queued","id":"${id}"`);
    await until("all of them wait", () => isQueued(waiting[2]!.commandId));
    await agent.kill("SIGKILL");
    agent.start();
    const all = [...long, ...waiting];
    const answered = (): boolean => all.every(({ commandId }) => peer.resultOf(commandId));
    await until("every result, without being asked again", answered);
    await nothingRuns(effects);
    const answers = peer.results.length;
    for (const frame of all) peer.execute(frame);
    await until("every result again", () => peer.results.length === answers + all.length);
    for (const { commandId } of long) {
      expect(await effects.of(commandId)).toBe(1);
      expect(peer.resultOf(commandId)).toMatchObject({ stdout: "", exitCode: 1 });
      expect(peer.resultOf(commandId)?.stderr).toContain(interrupted);
    }
    for (const { commandId } of waiting) {
      expect(await effects.of(commandId)).toBe(0);
      expect(peer.resultOf(commandId)).toMatchObject({ stdout: "", exitCode: 1 });
      expect(peer.resultOf(commandId)?.stderr).toContain(neverBegun);
    }
    await agent.kill("SIGTERM");
    await peer.close();
  });

  it(
    `at ${moments} moments, does nothing twice and leaves nothing unanswered`,
    async ({ server: host, effects }) => {
      let isConfirming = true;
      const server = await startLastingServer(startPeer, { confirms: () => isConfirming });
      agent = await createAgentProcess(server.url, host);
      const seen: Record<Outcome, number> = { ended: 0, interrupted: 0, neverBegun: 0 };
      for (let round = 0; round < moments; round += 1) {
        // Six where three run at once; each is sent twice, and again to the next agent.
        const frames = await Promise.all([1, 2, 3, 4, 5, 6].map(() => effects.command("sleep 0.2")));
        const ids = frames.map(({ commandId }) => commandId);
        const has = (state: string, id: string | undefined) => async (): Promise<boolean> =>
          (await agent.journal()).includes(`"${state}","id":"${id}"`);
        const someEffect = async (): Promise<boolean> => (await Promise.all(ids.map(effects.of))).includes(1);
        const kinds: readonly [string, () => boolean | Promise<boolean>][] = [
          ["they are on their way", () => true],
          ["one waits", has("queued", ids[5])],
          [
            "one is about to run",
            async () => (await Promise.all(ids.map((id) => has("begun", id)()))).includes(true),
          ],
          ["one runs", someEffect],
          ["one has ended, which nobody confirmed", () => ids.some((id) => server.resultOf(id))],
        ];
        const [name, hasCome] = kinds[round % kinds.length]!;
        isConfirming = !name.includes("nobody confirmed");
        agent.start();
        await server.agent();
        server.execute(...frames);
        await until(name, hasCome);
        // Anywhere around it.
        if (round >= kinds.length) await delay(Math.random() * 60);
        await agent.kill("SIGKILL");
        isConfirming = true;
        agent.start();
        await server.settled();
        for (const id of ids) {
          const outcome = outcomeOf(id, server.resultOf(id));
          seen[outcome] += 1;
          const happened = await effects.of(id);
          expect({ name, id, outcome, happened }).toSatisfy(() => isTrue(outcome, happened));
        }
        await agent.kill("SIGTERM");
      }
      await nothingRuns(effects);
      console.log(`relay faults: killed at ${moments} moments: ${JSON.stringify(seen)}`);
      await server.close();
    },
    testTimeout,
  );
});

type Outcome = "ended" | "interrupted" | "neverBegun";

function outcomeOf(id: string, result: CommandResult | undefined): Outcome {
  if (result?.stderr.includes(neverBegun)) return "neverBegun";
  if (result?.stderr.includes(interrupted)) return "interrupted";
  expect(result).toEqual({ stdout: `${id}\n`, stderr: "", exitCode: 0 });
  return "ended";
}

/** Whether the answer agrees with what happened on the host. */
function isTrue(outcome: Outcome, effects: number): boolean {
  switch (outcome) {
    case "ended":
      return effects === 1;
    case "neverBegun":
      return effects === 0;
    case "interrupted":
      return effects <= 1;
  }
}
