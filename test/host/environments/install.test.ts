import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../src/common/failure.js";
import type { PythonEnvironment } from "../../../src/environments/environment.js";
import { createEnvironments } from "../../../src/environments/environments.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { createTestClient, credentialsOf, targetOf, trusting } from "../../support/client.js";
import { processesIn } from "../../support/processes.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { ensureRunicornWheel, runicornVersions } from "../../support/runicorn/install.js";
import { startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A host whose one environment of ours has no Runicorn, and whose pip takes packages from `source` alone. */
async function makeHost(source: string): Promise<{
  readonly home: string;
  readonly connection: Connection;
  readonly find: (refresh?: boolean) => Promise<PythonEnvironment>;
  readonly environments: ReturnType<typeof createEnvironments>;
}> {
  const home = await mkdtemp(join(tmpdir(), "install-"));
  cleanUps.push(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  await makeEnvironment(join(home, "venvs", "empty"));
  const sshd = await startSshd({
    home,
    environment: { PIP_NO_INDEX: "1", PIP_FIND_LINKS: source, PIP_NO_DEPS: "1" },
  });
  cleanUps.push(() => sshd.stop());
  const client = await createTestClient();
  cleanUps.push(() => client.dispose());
  const request = { target: targetOf(sshd), credentials: credentialsOf(sshd) };
  const connection = await client.connections.connect(request, trusting);
  const environments = createEnvironments();
  const find = async (): Promise<PythonEnvironment> => {
    const { environments: all } = await environments.list(connection);
    return all.find(({ name }) => name === "empty") as PythonEnvironment;
  };
  return { home, connection, find, environments };
}

describe("installing Runicorn", () => {
  it("installs pip if it is missing, passes on its output, and is visible at once", async () => {
    const { connection, environments, find } = await makeHost(
      await ensureRunicornWheel(runicornVersions.newest),
    );
    const environment = await find();
    expect(environment.runicornVersion).toBeUndefined();
    let said = "";
    await environments.installRunicorn(connection, environment, { onOutput: (text) => (said += text) });
    expect(said).toContain(`Successfully installed runicorn-${runicornVersions.newest}`);
    expect((await find()).runicornVersion).toBe(runicornVersions.newest);
  });

  it("fails with pip's own words", async () => {
    const { connection, environments, find, home } = await makeHost("/nowhere");
    await expect(environments.installRunicorn(connection, await find(), {})).rejects.toMatchObject({
      detail: {
        code: "runicorn-install-failed",
        environment: "empty",
        output: expect.stringContaining("No matching distribution") as string,
      },
    });
    await until("no process is left", async () => (await processesIn(home)).length === 0);
  });

  it("is cancelled together with pip", async () => {
    const { connection, environments, find, home } = await makeHost("/nowhere");
    const environment = await find();
    const cancel = new AbortController();
    const installing = environments.installRunicorn(connection, environment, {
      signal: cancel.signal,
      onOutput: () => cancel.abort(new Cancelled()),
    });
    await expect(installing).rejects.toBeInstanceOf(Cancelled);
    await until("no process is left", async () => (await processesIn(home)).length === 0);
  });
});
