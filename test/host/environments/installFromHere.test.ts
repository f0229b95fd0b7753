import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cancelled } from "../../../src/common/failure.js";
import { createEnvironments } from "../../../src/environments/environments.js";
import type {
  InstallCommands,
  InstallFromHereOptions,
} from "../../../src/environments/packages/installFromHere.js";
import { createTestClient, createTestTunnels, createTestViewers } from "../../support/client.js";
import { makeLonelyNetwork, noLonelyNetwork } from "../../support/lonelyNetwork.js";
import { processesIn, processesNaming } from "../../support/processes.js";
import { ensureWheels, runicornVersions } from "../../support/runicorn/install.js";
import { basePython } from "../../support/runicorn/python.js";
import { startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const cleanUps: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A Python whose requirements differ from those of this machine's own, where there is one: 3.10. */
function otherPython(): string {
  const versions = join(homedir(), ".pyenv", "versions");
  const name = existsSync(versions) && readdirSync(versions).find((one) => one.startsWith("3.10."));
  return name ? join(versions, name, "bin", "python3") : basePython().executable;
}

async function makeHost() {
  const python = otherPython();
  const wheels = await ensureWheels(python);
  const network = makeLonelyNetwork();
  cleanUps.push(network.dispose);
  const folder = await mkdtemp(join(tmpdir(), "lonely-"));
  cleanUps.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [home, hostScratch, scratch] = [join(folder, "home"), join(folder, "host-tmp"), join(folder, "tmp")];
  for (const one of [home, hostScratch, scratch]) await mkdir(one);
  // --without-pip: it comes from Python itself, as a person's who made it so.
  execFileSync(python, ["-m", "venv", "--without-pip", join(home, "venvs", "empty")], { stdio: "pipe" });
  const sshd = await startSshd({ home, network, environment: { TMPDIR: hostScratch, PIP_RETRIES: "0" } });
  cleanUps.push(() => sshd.stop());
  const client = await createTestClient();
  cleanUps.push(() => client.dispose());
  const connection = await client.connectTo(sshd);
  const environments = createEnvironments();
  const find = async () =>
    (await environments.list(connection)).environments.find(({ name }) => name === "empty") ??
    expect.fail("it is not listed");
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = scratch;
  cleanUps.push(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  const asked: InstallCommands[] = [];
  const options: InstallFromHereOptions = {
    signal: new AbortController().signal,
    confirm: (commands) => {
      asked.push(commands);
      return Promise.resolve();
    },
    environment: { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels },
  };
  const expectNothingLeft = async (): Promise<void> => {
    await until("nothing runs on", async () => {
      const there = (await processesIn(home)).filter(({ commandLine }) => !commandLine.endsWith("sh -s"));
      return there.length === 0 && (await processesNaming(scratch)).length === 0;
    });
    await until("both folders are empty", async () => (await readdir(hostScratch)).length === 0);
    expect(await readdir(scratch)).toEqual([]);
    expect((await readdir(home)).filter((name) => !["venvs", ".cache", ".config"].includes(name))).toEqual(
      [],
    );
  };
  return { home, client, connection, environments, find, options, asked, expectNothingLeft };
}

describe.skipIf(noLonelyNetwork)(`a host without internet (${noLonelyNetwork ?? "here"})`, () => {
  let host: Awaited<ReturnType<typeof makeHost>>;
  beforeAll(async () => {
    host = await makeHost();
  }, 240_000);

  it("is told of where this machine has no pip, and what pip says where it fetches nothing", async () => {
    const { connection, environments, find, options, asked, expectNothingLeft } = host;
    const environment = await find();
    const without = { ...options, environment: { PATH: "/nowhere" } };
    await expect(environments.installFromHere(connection, environment, without)).rejects.toMatchObject({
      detail: {
        code: "local-pip-missing",
        command: expect.stringMatching(/^python3 -m pip download .*--dest=<folder> runicorn$/) as string,
      },
    });
    expect(asked).toEqual([]);
    const nowhere = { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: "/nowhere" };
    const empty = { ...options, environment: nowhere };
    await expect(environments.installFromHere(connection, environment, empty)).rejects.toMatchObject({
      detail: {
        code: "packages-not-fetched",
        output: expect.stringContaining("No matching distribution found for runicorn") as string,
      },
    });
    const refused = { ...options, confirm: () => Promise.reject(new Cancelled()) };
    const work = environments.installFromHere(connection, environment, refused);
    await expect(work).rejects.toBeInstanceOf(Cancelled);
    await expectNothingLeft();
  }, 120_000);

  it.each(["fetching", "copying", "installing"] as const)(
    "keeps nothing of what is cancelled while %s",
    async (kind) => {
      const { connection, environments, find, options, expectNothingLeft } = host;
      const environment = await find();
      const cancel = new AbortController();
      const work = environments.installFromHere(connection, environment, {
        ...options,
        signal: cancel.signal,
        onProgress: (progress) => {
          if (progress.kind === kind) cancel.abort(new Cancelled());
        },
      });
      await expect(work).rejects.toBeInstanceOf(Cancelled);
      await expectNothingLeft();
      expect((await find()).runicornVersion).toBeUndefined();
    },
    120_000,
  );

  it("says so, gets Runicorn from this machine, and shows a viewer", async () => {
    const { home, client, connection, environments, find, options, asked, expectNothingLeft } = host;
    const environment = await find();
    await expect(environments.installRunicorn(connection, environment, {})).rejects.toMatchObject({
      detail: { code: "runicorn-install-failed", isOffline: true },
    });
    await expectNothingLeft();

    const seen = new Set<string>();
    asked.length = 0;
    await environments.installFromHere(connection, environment, {
      ...options,
      onProgress: ({ kind }) => seen.add(kind),
    });
    expect([...seen]).toEqual(["fetching", "copying", "installing"]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.here).toMatch(
      /^python3? -m pip download --only-binary=:all: --platform=manylinux_2_\d+_\S+ .*--dest=<folder> runicorn$/,
    );
    expect(asked[0]?.onHost).toContain(`${environment.python} -m pip install --no-index --find-links`);
    const installed = await find();
    expect(installed.runicornVersion).toBe(runicornVersions.newest);
    await expectNothingLeft();

    const tunnels = createTestTunnels();
    const viewers = createTestViewers(client, 600, tunnels);
    const root = join(home, "runs");
    const session = await viewers.start(connection, { environment: installed, root, createRoot: true });
    expect(session.state.kind).toBe("running");
    await viewers.stop(session.id);
    await tunnels.closeAll();
  }, 240_000);
});
