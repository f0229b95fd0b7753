import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createEnvironments } from "../../../src/environments/environments.js";
import { createTestClient, credentialsOf, targetOf, trusting } from "../../support/client.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { startSshd } from "../../support/sshd.js";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

it.each([0, 3, 30])("one exec lists %i environments", async (count) => {
  const home = await mkdtemp(join(tmpdir(), "execs-"));
  cleanUps.push(() => rm(home, { recursive: true, force: true }));
  for (let index = 0; index < count; index += 1) {
    await makeEnvironment(join(home, "venvs", `environment-${index}`));
  }
  const sshd = await startSshd({ home });
  cleanUps.push(() => sshd.stop());
  const client = await createTestClient();
  cleanUps.push(() => client.dispose());
  const request = { target: targetOf(sshd), credentials: credentialsOf(sshd) };
  const connection = await client.connections.connect(request, trusting);
  const { environments } = await createEnvironments().list(connection);
  expect(environments.filter(({ prefix }) => prefix.startsWith(home))).toHaveLength(count);
  expect(await sshd.commands()).toHaveLength(1);
});
