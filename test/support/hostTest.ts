/* eslint-disable no-empty-pattern -- Vitest reads from the pattern which fixtures a fixture needs. */
import { test } from "vitest";
import type { PythonEnvironment } from "../../src/environments/environment.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import type { Syncs } from "../../src/sync/syncs.js";
import { startTestApi, type TestApi } from "./api.js";
import { createTestClient, type TestClient } from "./client.js";
import { environmentNamed } from "./connectedHost.js";
import { type HostHome, makeHostHome } from "./runicorn/hostHome.js";
import { type Sshd, startSshd } from "./sshd.js";
import { createTestSyncs } from "./syncRig.js";

/** What a host test may ask for. Each is made for the first test of a file that names it, and gone after the last. */
export interface HostFixtures {
  /** An OpenSSH server whose account is ours, with an empty home. */
  readonly server: Sshd;
  /** The person's side: an empty home, known hosts and a pool. */
  readonly client: TestClient;
  /** `client`'s connection to `server`. */
  readonly connection: Connection;
  /** What was copied by `client`, into its own home. */
  readonly syncs: Syncs;
  /** A home with Runicorn environments and a storage root. */
  readonly trainHome: HostHome;
  /** An OpenSSH server with `trainHome`. */
  readonly trainServer: Sshd;
  /** `client`'s connection to `trainServer`. */
  readonly trainConnection: Connection;
  /** The environment `train` there. */
  readonly train: PythonEnvironment;
  /** Our REST API with an app of its own, which knows the keys of no host. */
  readonly strangerApi: TestApi;
  /** The same one, which knows the key of `trainServer`. */
  readonly api: TestApi;
}

const file = { scope: "file" } as const;

/**
 * Host tests: `it("…", async ({ connection }) => …)`. Nothing is started that no test of the file names. Servers with options
 * of their own, and all that a test breaks or ends, it starts itself: these are shared by a file.
 */
export const it = test.extend<{ $file: HostFixtures }>({
  server: [
    async ({}, use) => {
      const server = await startSshd();
      await use(server);
      await server.stop();
    },
    file,
  ],
  client: [
    async ({}, use) => {
      const client = await createTestClient();
      await use(client);
      await client.dispose();
    },
    file,
  ],
  connection: [async ({ client, server }, use) => use(await client.connectTo(server)), file],
  syncs: [
    async ({ client }, use) => {
      const syncs = createTestSyncs(client.connections, client.home);
      await use(syncs);
      await syncs.close();
    },
    file,
  ],
  trainHome: [
    async ({}, use) => {
      const home = await makeHostHome();
      await use(home);
      await home.dispose();
    },
    file,
  ],
  trainServer: [
    async ({ trainHome }, use) => {
      const server = await startSshd({ home: trainHome.home });
      await use(server);
      await server.stop();
    },
    file,
  ],
  trainConnection: [async ({ client, trainServer }, use) => use(await client.connectTo(trainServer)), file],
  train: [async ({ trainConnection }, use) => use(await environmentNamed("train", trainConnection)), file],
  strangerApi: [
    async ({}, use) => {
      const api = await startTestApi();
      await use(api);
      await api.dispose();
    },
    file,
  ],
  api: [
    async ({ strangerApi, trainServer }, use) => {
      await strangerApi.app.knownHosts.add(`[127.0.0.1]:${trainServer.port}`, trainServer.hostKey);
      await use(strangerApi);
    },
    file,
  ],
});
