import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { noOtherMachine } from "../../support/otherMachine.js";
import { ensureRunicorn, runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

/* Homes and folders for temporary files in which not everything can be done. The host's /tmp is not that of the rig. */

let folder: string;
let stage: ConnectedHost;
const tmpdirOfRig = process.env["TMPDIR"];

beforeAll(async () => {
  folder = await mkdtemp("/var/tmp/homes-");
  process.env["TMPDIR"] = folder;
  stage = await connectHost();
});
afterAll(async () => {
  await stage.dispose();
  await rm(folder, { recursive: true });
  if (tmpdirOfRig === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = tmpdirOfRig;
});

/** Starts a viewer, which must answer, and stops it. */
async function useViewer(options: SshdOptions): Promise<void> {
  const server = await startSshd(options);
  try {
    await useViewerOf(server);
  } finally {
    await server.stop();
  }
}

async function useViewerOf(server: Sshd): Promise<void> {
  const connection = await stage.client.connectTo(server);
  const viewers = createTestViewers(stage.client);
  try {
    const session = await viewers.start(connection, { environment: stage.train, root: stage.host.root });
    const { state } = session;
    expect(state.kind === "running" && state.remote.address).toHaveProperty("socket");
    expect((await fetch(new URL("/api/health", sessionUrl(session)))).status).toBe(200);
    await viewers.stop(session.id);
  } finally {
    await connection.close();
  }
}

describe("a viewer starts where the home folder", () => {
  it("has a path of more than 120 characters", async () => {
    const home = join(folder, "a".repeat(120));
    await mkdir(home);
    await useViewer({ home });
  });

  it.skipIf(process.getuid?.() !== 0).each([
    ["runs no programs", "noexec"],
    ["is full", "size=4k"],
    ["cannot be written", "ro"],
  ])("%s (needs root, to mount one)", async (_name, option) => {
    const home = await mkdtemp(join(folder, "home-"));
    mountDisk(option, home);
    try {
      if (option === "size=4k") await writeFile(join(home, "all"), Buffer.alloc(4096));
      await useViewer({ home });
    } finally {
      await unmount(home);
    }
  });
});

describe.skipIf(noOtherMachine)("a host whose /tmp", () => {
  /** Of Runicorn, where that is not hidden by the other /tmp. */
  let packages: string;
  beforeAll(async () => {
    packages = join(folder, "packages");
    const installed = await ensureRunicorn(runicornVersions.newest);
    execFileSync("cp", ["-a", "--reflink=auto", installed, packages]);
  });
  const hostWith = (options: string): SshdOptions => ({
    home: stage.host.home,
    environment: { PYTHONPATH: packages },
    machine: {
      name: "gpu",
      bootId: "00000000-0000-4000-8000-000000000000",
      mounts: [["-t", "tmpfs", "-o", options, "tmpfs", "/tmp"]],
    },
  });

  it("has no room for a byte gets its viewer", () => useViewer(hostWith("size=1")));

  it.each([
    ["takes no folder", "nr_inodes=1", "No space left on device"],
    ["cannot be written", "ro", "Read-only file system"],
    [
      "lets all accounts rename folders",
      "mode=0777",
      "other accounts may write into the folder that it lies in",
    ],
  ])("%s is said to be so", async (_name, options, reason) => {
    await expect(useViewer(hostWith(options))).rejects.toMatchObject({
      detail: { code: "no-folder-for-socket", places: [{ path: "/tmp", reason }] },
    });
  });
});

if (noOtherMachine !== undefined) it.skip(noOtherMachine, () => undefined);
