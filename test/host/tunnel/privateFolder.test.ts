import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePrivateFolder } from "../../../src/ssh/openssh/privateFolder.js";
import { createTestClient, createTestTunnels, type TestClient } from "../../support/client.js";
import { makeOtherAccount, noOtherAccount } from "../../support/otherAccount.js";
import { findProgram } from "../../support/packages.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

const unable = noOtherAccount ?? (findProgram("cc") ? undefined : "needs a C compiler");
const usual = process.env["TMPDIR"];
const web = createServer();

let server: Sshd;
let client: TestClient;
let temporary: string;

beforeEach(async () => {
  server = await startSshd();
  client = await createTestClient();
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  temporary = await mkdtemp(join(tmpdir(), "shared-"));
});
afterEach(async () => {
  if (usual === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = usual;
  await client.dispose();
  await server.stop();
  web.close();
  await rm(temporary, { recursive: true });
});

/** Opens tunnels through OpenSSH, one after the other, and closes each. */
async function openTunnels(count: number): Promise<void> {
  const remote = { host: "127.0.0.1", port: (web.address() as AddressInfo).port };
  const tunnels = createTestTunnels(["openssh"], client.home);
  const connection = await client.connectTo(server);
  for (let round = 0; round < count; round += 1) {
    const tunnel = await tunnels.open(connection, { remote });
    expect(tunnel.backend).toBe("openssh");
    await tunnel.close();
  }
  await tunnels.closeAll();
}

/** How a folder of a program that is gone begins, here and now: everybody sees how a living one does. */
async function abandonedName(): Promise<string> {
  const living = await makePrivateFolder();
  if (living.kind === "unable") throw new Error(living.reason);
  await living.folder.dispose();
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  return basename(living.folder.path).replace(`-${process.pid}-`, `-${pid}-`).slice(0, -"-abcdef".length);
}

describe.skipIf(unable !== undefined)(`another account${unable === undefined ? "" : ` (${unable})`}`, () => {
  it("does not make us remove what is ours while it exchanges folders for links to it", async () => {
    const home = join(temporary, "home");
    await mkdir(home, { mode: 0o700 });
    // The names of our own files too: what a link leads to is not ours to remove, whatever it is called.
    const precious = [
      "config",
      "m",
      "s",
      "a",
      "askpass.sh",
      ...Array.from({ length: 40 }, (_, n) => `n${n}`),
    ];
    for (const name of precious) await writeFile(join(home, name), name);
    // As /tmp is.
    await chmod(temporary, 0o1777);
    const program = join(temporary, "exchange");
    execFileSync("cc", ["-O1", "-o", program, resolve("test", "support", "exchange.c")]);
    await chmod(program, 0o755);
    process.env["TMPDIR"] = temporary;
    const other = makeOtherAccount();
    try {
      const attack = other.start(program, [temporary, await abandonedName(), home]);
      await once(attack.stdout!, "data");
      await openTunnels(5);
      expect(attack.exitCode).toBe(null);
      expect((await readdir(home)).sort()).toEqual([...precious].sort());
    } finally {
      await other.dispose();
    }
  });
});

describe.skipIf(process.getuid?.() !== 0)(
  "where no file can be written (needs root, to mount a disk)",
  () => {
    it("the connection itself carries the tunnel", async () => {
      // One page, and it is taken.
      mountDisk("size=4k,mode=1777", temporary);
      try {
        await writeFile(join(temporary, "all"), Buffer.alloc(4096));
        process.env["TMPDIR"] = temporary;
        const remote = { host: "127.0.0.1", port: (web.address() as AddressInfo).port };
        const tunnels = createTestTunnels(["openssh", "in-process"], client.home);
        const tunnel = await tunnels.open(await client.connectTo(server), { remote });
        expect(tunnel.backend).toBe("in-process");
        await tunnels.closeAll();
        expect(await readdir(temporary)).toEqual(["all"]);
      } finally {
        await unmount(temporary);
      }
    });
  },
);

describe("a tunnel through OpenSSH opens", () => {
  it.each<[string, () => Promise<string>]>([
    [
      "where the path of the folder for temporary files is too long for a socket",
      async () => {
        const long = join(temporary, "a".repeat(100));
        await mkdir(long, { mode: 0o700 });
        return long;
      },
    ],
    ["where there is no such folder", () => Promise.resolve(join(temporary, "missing"))],
  ])("%s", async (_name, prepare) => {
    process.env["TMPDIR"] = await prepare();
    await openTunnels(1);
  });
});
