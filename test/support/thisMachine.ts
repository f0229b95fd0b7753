import { join } from "node:path";
import { silentLogger } from "../../src/common/logger.js";
import type { PythonEnvironment } from "../../src/environments/environment.js";
import { createConnections } from "../../src/ssh/connections.js";
import { createKnownHosts } from "../../src/ssh/hostKeys/knownHosts.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import { unattended } from "../../src/ssh/model/interaction.js";
import { thisMachine } from "../../src/ssh/model/thisMachine.js";
import type { TestClient } from "./client.js";
import { environmentNamed } from "./connectedHost.js";
import { type HostHome, makeHostHome } from "./runicorn/hostHome.js";

/** A person who works on the machine that has the environments and the runs: there is no SSH server. */
export interface MachineOfOnesOwn {
  readonly host: HostHome;
  readonly client: TestClient;
  readonly connection: Connection;
  readonly train: PythonEnvironment;
  dispose(): Promise<void>;
}

export async function connectHere(environment: NodeJS.ProcessEnv = {}): Promise<MachineOfOnesOwn> {
  const host = await makeHostHome();
  const { home } = host;
  const knownHosts = createKnownHosts({ file: join(home, "data", "known_hosts"), foreignFiles: [] });
  const path = process.env["PATH"];
  const program = createSshProgram({ home, environment: { PATH: path, ...environment } });
  const connections = createConnections({ program, knownHosts, logger: silentLogger });
  const connection = await connections.connect({ target: thisMachine }, unattended);
  const client: TestClient = {
    home,
    knownHosts,
    connections,
    connectTo: () => Promise.reject(new Error("there is no server")),
    dispose: () => connections.closeAll(),
  };
  return {
    host,
    client,
    connection,
    train: await environmentNamed("train", connection),
    dispose: async () => {
      await client.dispose();
      await host.dispose();
    },
  };
}
