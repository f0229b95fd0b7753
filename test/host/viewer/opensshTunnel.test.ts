import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { processesNaming } from "../../support/processes.js";
import { until } from "../../support/until.js";

/** As macOS and tmpreaper do with what nobody has touched for days. */
async function removeSocket(): Promise<void> {
  const names = await readdir(tmpdir());
  const folders = names.filter((name) => name.startsWith(`runicorn-${process.pid}-`));
  for (const folder of folders) await rm(join(tmpdir(), folder, "s"), { force: true });
}

it.for<[string, (ssh: number) => Promise<void>]>([
  ["ssh is killed", (ssh) => Promise.resolve(void process.kill(ssh, "SIGKILL"))],
  ["socket is removed from the folder for temporary files", removeSocket],
])(
  "a viewer whose %s comes back at the same address, while its connection lives on",
  async ([, harm], { client, train, trainConnection, trainHome }) => {
    const tunnels = createTestTunnels(["openssh"], client.home);
    const viewers = createTestViewers(client, 600, tunnels);
    const session = await viewers.start(trainConnection, { environment: train, root: trainHome.root });
    const health = new URL("/api/health", sessionUrl(session));
    const ask = async (): Promise<number> =>
      (await fetch(health, { headers: { connection: "close" } })).status;
    expect(await ask()).toBe(200);
    const [ssh] = await processesNaming(`/runicorn-${process.pid}-`);
    await harm(ssh?.pid ?? 0);
    // Nobody knows before somebody wants through.
    await ask().catch(() => undefined);
    await until("the loss is noticed", () => viewers.get(session.id)?.state.kind === "reconnecting");
    await until("it is back", () => viewers.get(session.id)?.state.kind === "running");
    expect(sessionUrl(viewers.get(session.id) ?? session)).toBe(sessionUrl(session));
    expect(await ask()).toBe(200);
    expect(trainConnection.state).toBe("open");
    await viewers.stopAll();
    expect(await processesNaming(`/runicorn-${process.pid}-`)).toEqual([]);
  },
);
