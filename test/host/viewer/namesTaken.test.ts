import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost, environmentNamed } from "../../support/connectedHost.js";
import {
  makeOtherAccount,
  noOtherAccount,
  type OtherAccount,
  runScriptAs,
} from "../../support/otherAccount.js";
import { inTurn } from "../../support/matrix.js";
import { noOtherMachine } from "../../support/otherMachine.js";
import { ensureRunicorn, runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

/*
 * Another account of the host has made what it could in /tmp before a viewer starts there, and goes on to take what it can
 * get hold of. The home cannot be written, so that everything of ours lies in /tmp. That is not the /tmp of the rig.
 */

const unable = noOtherAccount ?? noOtherMachine;

describe.skipIf(unable !== undefined)("if another account has taken names in /tmp", () => {
  let folder: string;
  let stage: ConnectedHost;
  let other: OtherAccount;
  const tmpdirOfRig = process.env["TMPDIR"];

  beforeAll(async () => {
    folder = await mkdtemp("/var/tmp/names-");
    process.env["TMPDIR"] = folder;
    await chmod(folder, 0o755);
    stage = await connectHost();
    other = makeOtherAccount();
  });
  afterAll(async () => {
    await other.dispose();
    await stage.dispose();
    await rm(folder, { recursive: true });
    if (tmpdirOfRig === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = tmpdirOfRig;
  });

  /** Makes folders, links, pipes and files with the beginnings of our names, and prints how many. */
  const take = `
    import { execFileSync } from "node:child_process";
    import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
    import { createServer } from "node:http";
    import { once } from "node:events";
    const [tmp, uid, precious] = process.argv.slice(1);
    process.umask(0);
    let made = 0;
    const name = (prefix, end) => { made += 1; return tmp + "/" + prefix + end; };
    for (const prefix of ["runicorn-remote-" + uid + "-", "runicorn-viewer-", "runicorn-remote", "runicorn-"]) {
      symlinkSync(precious, name(prefix, "aaaaaaaa"));
      symlinkSync(tmp + "/" + prefix + "nothing", name(prefix, "bbbbbbbb"));
      writeFileSync(name(prefix, "cccccccc"), "");
      execFileSync("mkfifo", [name(prefix, "dddddddd")]);
      const sessions = name(prefix, "eeeeeeee") + "/sessions/0badc0de";
      mkdirSync(sessions, { recursive: true });
      writeFileSync(sessions + "/supervisor.py", "open('" + tmp + "/was-run', 'w')");
      symlinkSync(precious, name(prefix, "ffffffff"));
      mkdirSync(name(prefix, "_gggggggg"));
      symlinkSync(precious, tmp + "/" + prefix + "_gggggggg/sessions");
    }
    const server = createServer((asked, answer) => answer.end("{}")).listen(tmp + "/runicorn-viewer-eeeeeeee/v");
    await once(server, "listening");
    chmodSync(tmp + "/runicorn-viewer-eeeeeeee/v", 0o777);
    server.unref();
    console.log(made);
    process.exit();`;

  /** Tries all that comes, until its input ends; prints what it got done. */
  const grab = `
    import { linkSync, lstatSync, opendirSync, readdirSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
    const [tmp, precious] = process.argv.slice(1);
    const before = new Set(readdirSync(tmp));
    let [seen, isOver] = [0, false];
    const tries = {
      renamed: (path) => renameSync(path, path + "-taken"),
      removed: (path) => rmdirSync(path),
      unlinked: (path) => unlinkSync(path),
      entered: (path) => opendirSync(path).closeSync(),
      made: (path) => symlinkSync(precious, path + "/v"),
    };
    process.stdin.resume().once("end", () => (isOver = true));
    const known = new Set();
    const look = () => {
      for (const name of readdirSync(tmp)) {
        if (before.has(name) || !name.startsWith("runicorn-")) continue;
        if (!known.has(name)) seen += 1;
        known.add(name);
        for (const [what, act] of Object.entries(tries)) {
          try {
            act(tmp + "/" + name);
            console.log(what, name);
          } catch {}
        }
      }
      if (isOver) console.log(seen > 0 ? "saw" : "saw nothing");
      else setImmediate(look);
    };
    console.log("ready");
    look();`;

  /** What there is below a folder: what each is, and whose. */
  function contentOf(place: string): string[] {
    return readdirSync(place, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const path = join(place, name);
        const found = lstatSync(path);
        const end = found.isSymbolicLink() ? readlinkSync(path) : found.isFile() ? readFileSync(path) : "";
        return `${name} ${found.mode.toString(8)} ${found.uid} ${found.ino} ${String(end)}`;
      });
  }

  async function hostOf(tmp: string, packages: string): Promise<Sshd> {
    const home = await mkdtemp(join(folder, "home-"));
    mountDisk("ro", home);
    try {
      return await startSshd({
        home,
        environment: { PYTHONPATH: packages },
        machine: {
          name: "gpu",
          bootId: "00000000-0000-4000-8000-000000000000",
          mounts: [["--bind", tmp, "/tmp"]],
        },
      });
    } catch (error) {
      await unmount(home);
      throw error;
    }
  }

  const versions = [
    ["train", runicornVersions.newest],
    ["vision/.venv", runicornVersions.oldest],
  ] as const;
  it.each(inTurn(versions, 0))(
    "a viewer of %s starts, is listed and is stopped, and takes nothing of the other's for its own",
    async (name, version) => {
      const tmp = await mkdtemp(join(folder, "tmp-"));
      await chmod(tmp, 0o1777);
      const precious = await mkdtemp(join(folder, "precious-"));
      await mkdir(join(precious, "sessions"));
      for (const one of ["v", "v.new", "machine", "sessions/0badc0de"])
        await writeFile(join(precious, one), one);
      const uid = String(process.getuid?.());
      expect(Number(await runScriptAs(other, take, [tmp, uid, precious]))).toBeGreaterThan(20);
      const [taken, own] = [contentOf(tmp), contentOf(precious)];

      // Where it is not hidden by the other /tmp.
      const packages = join(folder, `packages-${version}`);
      execFileSync("cp", ["-a", "--reflink=auto", await ensureRunicorn(version), packages]);
      const environment = await environmentNamed(name, stage.connection);
      const server = await hostOf(tmp, packages);
      const script = ["--input-type=module", "-e", grab, "--", tmp, precious];
      const grabbing = other.start(process.execPath, script);
      let said = "";
      grabbing.stdout?.on("data", (chunk) => (said += String(chunk)));
      const over = new Promise((resolve) => grabbing.once("close", resolve));
      try {
        const connection = await stage.client.connectTo(server);
        const viewers = createTestViewers(stage.client);
        const session = await viewers.start(connection, { environment, root: stage.host.root });
        expect((await fetch(new URL("/api/health", sessionUrl(session)))).status).toBe(200);
        const { state } = session;
        const address = state.kind === "running" ? state.remote.address : undefined;
        const { socket } = address as { readonly socket: string };
        expect(taken.some((one) => one.startsWith(socket.split("/")[2] ?? ""))).toBe(false);
        expect((await listHostSessions(connection)).sessions.map(({ id }) => id)).toEqual([session.id]);
        await viewers.stop(session.id);
        await connection.close();
      } finally {
        grabbing.stdin?.end();
        await over;
        await server.stop();
        await unmount(server.home);
      }
      expect(said).toBe("ready\nsaw\n");
      expect(contentOf(tmp)).toEqual(taken);
      expect(contentOf(precious)).toEqual(own);
    },
  );
});

if (unable !== undefined) it.skip(unable, () => undefined);
