import type { PythonEnvironment } from "../../src/environments/environment.js";
import { createEnvironments } from "../../src/environments/environments.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import { createTestClient, type TestClient } from "./client.js";
import { type HostHome, makeHostHome } from "./runicorn/hostHome.js";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.js";

/** A host with environments, and a client that is connected to it. */
export interface ConnectedHost {
  readonly host: HostHome;
  readonly server: Sshd;
  readonly client: TestClient;
  readonly connection: Connection;
  readonly train: PythonEnvironment;
  dispose(): Promise<void>;
}

/** @param options of its server. */
export async function connectHost(options: Omit<SshdOptions, "home"> = {}): Promise<ConnectedHost> {
  const host = await makeHostHome();
  const server = await startSshd({ ...options, home: host.home });
  const client = await createTestClient();
  const connection = await client.connectTo(server);
  return {
    host,
    server,
    client,
    connection,
    train: await environmentNamed("train", connection),
    dispose: async () => {
      await client.dispose();
      await server.stop();
      await host.dispose();
    },
  };
}

/** @throws Error when the host has no environment of that name. */
export async function environmentNamed(name: string, connection: Connection): Promise<PythonEnvironment> {
  const { environments } = await createEnvironments().list(connection);
  const found = environments.find((one) => one.name === name);
  if (!found) throw new Error(`no environment ${name}`);
  return found;
}
