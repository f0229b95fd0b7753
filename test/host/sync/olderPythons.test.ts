import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createRunCharts } from "../../../src/charts/runCharts.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createEnvironments } from "../../../src/environments/environments.js";
import { openHostPip } from "../../../src/environments/packages/hostPip.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { createStreamRelays } from "../../../src/tunnel/relay/streamRelay.js";
import { createTestClient, type TestClient } from "../../support/client.js";
import { noOtherMachine } from "../../support/otherMachine.js";
import { findProgram } from "../../support/packages.js";
import { processesIn } from "../../support/processes.js";
import { makeHostHome } from "../../support/runicorn/hostHome.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import { type SshdOptions, startSshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** The oldest Python 3.6 to 3.8 of this machine. */
function olderPython(): string | undefined {
  const versions = join(process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  const all = existsSync(versions) ? readdirSync(versions) : [];
  for (const minor of [6, 7, 8]) {
    const folder = all.find((name) => name.startsWith(`3.${minor}.`));
    const found = folder ? join(versions, folder, "bin", "python3") : findProgram(`python3.${minor}`);
    if (found) return found;
  }
  return undefined;
}

/** A host with sample runs, which were written with a Python that it does not have any more. */
async function makeHost(options: Omit<SshdOptions, "home">) {
  const host = await makeHostHome();
  cleanUps.push(() => host.dispose());
  await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
  for (const folder of ["venvs", "projects"]) await rm(join(host.home, folder), { recursive: true });
  const sshd = await startSshd({ home: host.home, ...options });
  cleanUps.push(() => sshd.stop());
  const client = await createTestClient();
  cleanUps.push(() => client.dispose());
  return { host, client, connection: await client.connectTo(sshd) };
}

async function expectRunsAndCharts(
  client: TestClient,
  connection: Connection,
  root: string,
  look: () => Promise<void>,
) {
  const syncs = createTestSyncs(client.connections, client.home);
  cleanUps.push(() => syncs.close());
  const { id } = await syncs.start(connection, { root, mode: "mirror", wanted: true });
  await until("the root is as the host", async () => (await syncs.get(id))?.state.kind === "waiting");
  await look();
  const runs = await syncs.runs(id);
  expect(runs).toHaveLength(6);
  const charts = createRunCharts(syncs, runs);
  cleanUps.push(() => Promise.resolve(charts.dispose()));
  await charts.update();
  expect(charts.names().map(({ metric }) => metric)).toContain("train_loss");
}

/** Without those that are there: what is no program in their place is found by nobody. */
const hidden = ["/usr/bin", "/usr/local/bin", "/opt/conda/bin"].flatMap((folder) =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => /^python(3(\.\d+)?)?$/.test(name))
    .map((name) => ["--bind", "/dev/null", join(folder, name)]),
);

describe("a host whose Python is too old for Runicorn, or that has none", () => {
  it.skipIf(noOtherMachine)(`shows runs and charts without any (${noOtherMachine ?? "here"})`, async () => {
    const { host, client, connection } = await makeHost({
      path: "/usr/bin:/bin",
      machine: { name: "bare", bootId: "00000000-0000-4000-8000-000000000000", mounts: hidden },
    });
    expect((await createEnvironments().list(connection)).environments).toEqual([]);
    await expectRunsAndCharts(client, connection, host.root, async () => {
      const running = (await processesIn(host.home)).map(({ commandLine }) => commandLine);
      expect(running.filter((line) => /^\S*python/.test(line))).toEqual([]);
    });
  });

  const old = olderPython();
  it.skipIf(!old)(`shows them by that one (${old ?? "needs Python 3.6, 3.7 or 3.8"})`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "old-"));
    cleanUps.push(() => rm(folder, { recursive: true }));
    await symlink(old ?? "", join(folder, "python3"));
    const { host, client, connection } = await makeHost({ path: `${folder}:/usr/bin:/bin` });
    const runsByIt = async (): Promise<void> => {
      const own = (await processesIn(host.home)).filter(({ commandLine }) =>
        commandLine.startsWith("python3"),
      );
      expect(own.length).toBeGreaterThan(0);
      for (const { pid } of own) expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/python3\.[678]m?$/);
    };
    await expectRunsAndCharts(client, connection, host.root, runsByIt);

    const server = createServer((socket) => socket.on("error", () => undefined).end("hello")).listen(
      0,
      "127.0.0.1",
    );
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    await until("it listens", () => Promise.resolve(server.listening));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const relay = createStreamRelays(silentLogger).of(connection);
    const stream = await relay.openStream({ port });
    let said = "";
    for await (const piece of stream) said += String(piece);
    expect(said).toBe("hello");
    await runsByIt();
    relay.release();

    const environment = { python: old ?? "", name: "old", kind: "custom", prefix: "" } as const;
    const unknown = { pythonVersion: undefined, runicornVersion: undefined, problem: undefined };
    const { signal } = new AbortController();
    const pip = await openHostPip(connection, { ...environment, ...unknown }, [], signal, undefined);
    expect(pip.platform).toMatchObject({
      python: expect.stringMatching(/^3\.[678]$/) as string,
      system: "linux",
      has_pip: true,
    });
    await pip.close();
  });
});
