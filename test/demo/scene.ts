import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { writeSshConfig } from "../support/clientHome.js";
import { findProgram } from "../support/packages.js";
import { prepareDemoHost } from "../support/runicorn/demoHost.js";
import { makeKey, startSshd } from "../support/sshd.js";
import { fingerprintOf, startEmbeddedServer } from "./embeddedServer.js";

/** A GPU server and a laptop that knows it as `demo-gpu`, both on this machine. */
export interface DemoScene {
  readonly clientHome: string;
  /** Home folder on the server. */
  readonly hostHome: string;
  /** The server's host key, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
  readonly storageRoot: string;
  dispose(): Promise<void>;
}

export async function prepareScene(): Promise<DemoScene> {
  const folder = await mkdtemp(join(tmpdir(), "runicorn-demo-"));
  const { home, root } = await prepareDemoHost(join(folder, "server"));
  const clientHome = join(folder, "laptop");
  const server = await startServer(folder, home);
  await writeSshConfig(clientHome, [
    { alias: "demo-gpu", port: server.port, user: server.user, identityFile: server.identityFile },
  ]);
  return {
    clientHome,
    hostHome: home,
    fingerprint: server.fingerprint,
    storageRoot: root,
    dispose: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface DemoServer {
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly fingerprint: string;
  stop(): Promise<void>;
}

/** The machine's own sshd where there is one; else a small server of ours. */
async function startServer(folder: string, home: string): Promise<DemoServer> {
  if (findProgram("sshd")) {
    const sshd = await startSshd({ home });
    return { ...sshd, fingerprint: sshd.hostKey.fingerprint };
  }
  const keys = join(folder, "keys");
  await mkdir(keys);
  const identityFile = join(keys, "id_ed25519");
  makeKey(identityFile, "ed25519", "demo");
  makeKey(join(keys, "host_key"), "ed25519", "");
  const server = await startEmbeddedServer({
    home,
    user: userInfo().username,
    authorizedKey: await readFile(`${identityFile}.pub`, "utf8"),
    hostKey: await readFile(join(keys, "host_key"), "utf8"),
  });
  const fingerprint = fingerprintOf(await readFile(join(keys, "host_key.pub"), "utf8"));
  return { ...server, identityFile, fingerprint };
}
