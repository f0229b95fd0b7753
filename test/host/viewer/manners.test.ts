import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pause } from "../../../src/common/async/pause.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createEnvironments } from "../../../src/environments/environments.js";
import { createGlances } from "../../../src/glance/glances.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import {
  createTestClient,
  createTestTunnels,
  createTestViewers,
  type TestClient,
} from "../../support/client.js";
import { startForbiddingSshd } from "../../support/forbidding.js";
import { processesIn, type RunningProcess } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import type { Sshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

let host: HostHome;
let server: Sshd | undefined;
let client: TestClient;

beforeAll(async () => {
  host = await makeHostHome();
  await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
});
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  await server?.stop();
});
afterAll(() => host.dispose());

/** Milliseconds that are watched: with a mirror, for more than two looks at how busy the host is. */
const [watchedAlone, watched] = [6_000, 12_000];

/** Proportional set size, in bytes: shared pages are shared out among those that use them. */
async function pssOf({ pid }: RunningProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

/**
 * Asks the viewer again and again, and looks at what is ours and no viewer.
 * @returns what was there at most moments, which are those that stay; and the memory of all at its highest, in bytes.
 */
async function watch(url: URL, milliseconds: number) {
  const looks: (readonly RunningProcess[])[] = [];
  let memory = 0;
  for (const begin = performance.now(); performance.now() - begin < milliseconds; await pause(200)) {
    await (await fetch(url)).text();
    const ours = (await processesIn(host.home)).filter((one) => !isViewer(one));
    looks.push(ours);
    const sizes = await Promise.all(ours.map(pssOf));
    memory = Math.max(
      memory,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  }
  looks.sort((one, other) => one.length - other.length);
  return { staying: looks[Math.floor(looks.length / 2)] ?? [], memory };
}

async function nicenessOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")")).split(" ")[17]);
}

const beginning = ({ commandLine }: Pick<RunningProcess, "commandLine">): string => commandLine.slice(0, 60);

const isViewer = ({ commandLine }: RunningProcess): boolean => commandLine.includes("serve.py");

describe("our processes on a host besides a viewer", () => {
  it.each([
    // With a mirror; one less beside a viewer alone.
    ["in-process", [], 3],
    ["relay", ["DisableForwarding yes"], 4],
  ] as const)(
    "is little, and nice (%s)",
    async (way, config, processes) => {
      server = await startForbiddingSshd({ name: "", config }, { home: host.home });
      const connection = await client.connectTo(server);
      const { environments } = await createEnvironments().list(connection);
      const environment = environments.find(({ name }) => name === "train") ?? expect.fail("no environment");
      const tunnels = createTestTunnels();
      const viewers = createTestViewers(client, 600, tunnels);
      const session = await viewers.start(connection, { environment, root: host.root, openToPrograms: true });
      expect(viewers.backendOf(session.id)).toBe(way);
      const url = new URL("/api/health", sessionUrl(session));
      const alone = await watch(url, watchedAlone);
      expect(alone.staying.map(beginning)).toHaveLength(processes - 1);
      const { dataFolder, connections } = { dataFolder: client.home, connections: client.connections };
      const syncs = createTestSyncs(connections, dataFolder);
      const { id } = await syncs.start(connection, { root: host.root, mode: "mirror", wanted: true });
      const subjectsOf = () => Promise.resolve({ roots: [host.root], runs: [] });
      const glances = createGlances({ connections, subjectsOf, logger: silentLogger });
      const watching = glances.watch(() => 5);
      await until("the mirror is as the host", async () => (await syncs.get(id))?.state.kind === "waiting");
      await until("the host was looked at", () =>
        Promise.resolve(glances.of(connection.id)?.at !== undefined),
      );

      const { staying, memory } = await watch(url, watched);
      const programs = staying.filter(({ commandLine }) => commandLine !== "/bin/sh -s");
      console.log(`${staying.length} processes, ${(memory / 2 ** 20).toFixed(1)} MiB (PSS)`);
      expect(programs.map(beginning)).toHaveLength(processes - 1);
      expect(staying.map(beginning)).toHaveLength(processes);
      expect(memory).toBeLessThan(60 * 2 ** 20);
      // This test itself may be a nice one.
      const [viewer] = (await processesIn(host.home)).filter(isViewer);
      const usual = await nicenessOf(viewer?.pid ?? expect.fail("no viewer"));
      for (const { pid, commandLine } of programs) {
        const more = commandLine.includes("Opens streams to sockets") ? 5 : 10;
        expect(await nicenessOf(pid), beginning({ commandLine })).toBe(Math.min(19, usual + more));
      }

      watching.dispose();
      glances.dispose();
      await syncs.close();
      await viewers.stop(session.id);
      await tunnels.closeAll();
    },
    60_000,
  );
});
