import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { createApp } from "../../src/app.js";
import { silentLogger } from "../../src/common/logger.js";
import { sessionUrl } from "../../src/viewer/session/session.js";
import { startEmbeddedServer } from "../demo/embeddedServer.js";
import { trusting } from "../support/client.js";
import { it } from "../support/hostTest.js";
import { processesIn } from "../support/processes.js";
import { until } from "../support/until.js";
import type { HostHome } from "../support/runicorn/hostHome.js";
import { makeKey } from "../support/sshd.js";

let host: HostHome;
let folder: string;
it.beforeAll(async ({ trainHome }) => {
  host = trainHome;
  folder = await mkdtemp(join(tmpdir(), "embedded-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("the demo's own server, for machines without sshd, is enough for the main job", async () => {
  const identityFile = join(folder, "id_ed25519");
  makeKey(identityFile, "ed25519", "demo");
  makeKey(join(folder, "host_key"), "ed25519", "");
  const server = await startEmbeddedServer({
    home: host.home,
    user: "ada",
    authorizedKey: await readFile(`${identityFile}.pub`, "utf8"),
    hostKey: await readFile(join(folder, "host_key"), "utf8"),
  });
  const app = await createApp({
    dataFolder: join(folder, "data"),
    logger: silentLogger,
    home: folder,
    environment: { PATH: process.env["PATH"] },
  });
  const target = { host: "127.0.0.1", user: server.user, port: server.port };
  const connection = await app.connections.connect(
    { target, credentials: { identityFiles: [identityFile] } },
    trusting,
  );
  const { environments, storageRoot } = await app.environments.list(connection);
  const environment = environments.find(({ name }) => name === "train");
  if (!environment) throw new Error("no train");
  expect(storageRoot).toBe(host.root);
  const session = await app.viewers.start(connection, { environment, root: host.root });
  const answer = await fetch(new URL("/api/health", sessionUrl(session)));
  expect(await answer.json()).toMatchObject({ storage: host.root });
  await app.close("stop");
  // The shell of a connection ends with it, a moment later on a busy machine.
  await until("nothing is left", async () => (await processesIn(host.home)).length === 0);
  await server.stop();
});
