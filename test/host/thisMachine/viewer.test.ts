import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sessionUrl, type ViewerSession } from "../../../src/viewer/session/session.js";
import { createTestViewers } from "../../support/client.js";
import { processesIn } from "../../support/processes.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import { connectHere, type MachineOfOnesOwn } from "../../support/thisMachine.js";
import { until } from "../../support/until.js";

let stage: MachineOfOnesOwn;
beforeAll(async () => {
  stage = await connectHere();
});
afterAll(() => stage.dispose());

function socketFolder({ state }: ViewerSession): string {
  if (state.kind !== "running" || !("socket" in state.remote.address)) throw new Error("it has no socket");
  return dirname(state.remote.address.socket);
}

it("A viewer of this machine is started, reached through a guarded port, and stopped, and nothing is left", async () => {
  const { home, root } = stage.host;
  await sampleRuns(root, join(home, "venvs", "train"), home);
  const viewers = createTestViewers(stage.client);
  const session = await viewers.start(stage.connection, { environment: stage.train, root });
  const url = sessionUrl(session);
  const answer = await fetch(new URL("/api/runs", url));
  expect(answer.status).toBe(200);
  expect(JSON.stringify(await answer.json())).toContain("baseline");
  const folder = socketFolder(session);
  expect(existsSync(folder)).toBe(true);
  await viewers.stop(session.id);
  await until("all has ended", async () => (await processesIn(stage.host.home)).length <= 1);
  expect(existsSync(folder)).toBe(false);
});
