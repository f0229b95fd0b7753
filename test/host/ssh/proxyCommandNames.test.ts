import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readExchanged } from "../../../src/exchangedConnections.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createSavedConnections } from "../../../src/savedConnections.js";
import { createSshProgram } from "../../../src/ssh/config/sshProgram.js";
import { createConnections } from "../../../src/ssh/connections.js";
import { createKnownHosts } from "../../../src/ssh/hostKeys/knownHosts.js";
import { parseTarget, type Target } from "../../../src/ssh/model/target.js";
import { readViewerPlace } from "../../../src/vscode/kit/viewerPlace.js";
import { readLink } from "../../../src/vscode/links/viewerLink.js";
import { startTestApi } from "../../support/api.js";
import { bundleProgram } from "../../support/bundleProgram.js";
import { trusting } from "../../support/client.js";

/*
 * A ProxyCommand is a line for a shell, and names that somebody else chose stand in it. The shell is a real one here.
 */

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "names-"));
  home = join(folder, "home");
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
});
afterEach(() => rm(folder, { recursive: true }));

/** The folder is the only thing that a name below can write to. */
const commandsRan = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith("ran"));

const configure = (command: string, ...more: string[]): Promise<void> =>
  writeFile(
    join(home, ".ssh", "config"),
    ["Host cluster", "HostName 127.0.0.1", `ProxyCommand ${command}`, ...more, ""].join("\n"),
  );
const throughBastion = "ssh -F none -W %h:%p %r@127.0.0.1";

/** A blank that is none, and behind it an option of the ssh in the command. */
const smuggled = (): string => `x$IFS-oProxyCommand=touch\\$IFS${join(folder, "ran")}`;
const users = (): Record<string, string> => ({
  "an option behind $IFS": smuggled(),
  "a variable": "x$HOME",
  "the parameters of a shell": "x$@y",
  "a quoted dollar": "x\\$IFS",
  "an option behind a quoted blank": "x\\ -oProxyCommand=y",
  "a comment": "x #",
  "files of the folder": "x*",
});

async function connect(target: Target): Promise<void> {
  const program = createSshProgram({ home, environment: { PATH: process.env["PATH"], SHELL: "/bin/sh" } });
  const knownHosts = createKnownHosts({ file: join(home, "known_hosts"), foreignFiles: [] });
  const connections = createConnections({ program, knownHosts, logger: silentLogger });
  try {
    await connections.connect({ target }, trusting);
  } finally {
    await connections.closeAll();
  }
}

/** Each way in which somebody else's words become a target; undefined or a failure where they are refused. */
const waysIn: Record<string, (user: string) => Promise<Target | undefined> | Target | undefined> = {
  typed: (user) => parseTarget(`${user}@cluster`),
  link: (user) => {
    const place = readLink("/open", `host=${encodeURIComponent(`${user}@cluster`)}`);
    return typeof place === "string" ? undefined : place.target;
  },
  import: (user) => {
    const connections = [{ name: "gpu01", target: { host: "cluster", user } }];
    const read = readExchanged(JSON.stringify({ runicornConnections: 1, connections }));
    return typeof read === "string" ? undefined : read[0]?.target;
  },
  "what VS Code kept of a panel": (user) => readViewerPlace({ target: { host: "cluster", user } })?.target,
  "the file of connections": async (user) => {
    const file = join(folder, "connections.json");
    await writeFile(file, JSON.stringify([{ id: "1", name: "gpu01", target: { host: "cluster", user } }]));
    return (await createSavedConnections(file, silentLogger).list())[0]?.target;
  },
  "a caller that forgot to look": (user) => ({ host: "cluster", user }),
};

describe("an untrusted name in a ProxyCommand", () => {
  it("that would run a command is rejected on each route, and by the connection", async () => {
    await configure(throughBastion);
    const taken: string[] = [];
    for (const [kind, user] of Object.entries(users())) {
      for (const [way, read] of Object.entries(waysIn)) {
        const attempt = async (): Promise<void> => {
          const target = await read(user);
          if (target !== undefined && way !== "a caller that forgot to look") taken.push(`${way}: ${kind}`);
          if (target !== undefined) await connect(target);
        };
        await attempt().catch((error: unknown) => {
          if ((error as Error).message !== "target-invalid") taken.push(`${way}: ${kind}: ${String(error)}`);
        });
      }
    }
    expect({ taken, ran: await commandsRan() }).toEqual({ taken: [], ran: [] });
  });

  it("that would run a command is rejected by the API", async () => {
    const api = await startTestApi();
    home = api.home;
    try {
      await configure(throughBastion);
      for (const user of Object.values(users())) {
        const connection = { host: "cluster", username: user };
        const answer = await api.request("POST", "/api/remote/connect", connection);
        expect([user, answer.status]).toEqual([user, 422]);
      }
      expect(await commandsRan()).toEqual([]);
    } finally {
      await api.dispose();
    }
  });

  it("that would run a command is rejected by the terminal program", async () => {
    await configure(throughBastion);
    const program = await bundleProgram("src/headless.ts");
    try {
      for (const verb of ["diagnose", "open"]) {
        const child = spawn(
          process.execPath,
          [program.file, verb, `${smuggled()}@cluster`, "--data", folder],
          {
            stdio: "ignore",
            env: { PATH: process.env["PATH"], HOME: home, SHELL: "/bin/sh" },
          },
        );
        expect(await once(child, "close")).toEqual([2, null]);
      }
      expect(await commandsRan()).toEqual([]);
    } finally {
      await program.remove();
    }
  });

  it.each([
    ["echo %r >&2; exit 3 #", { host: "cluster", user: "Ada L" }, "Ada L"],
    ["echo %r >&2; exit 3 #", { host: "cluster", user: "DOM\\ada" }, "DOM\\ada"],
    ["echo %r >&2; exit 3 #", { host: "cluster", user: "BOX$" }, "BOX$"],
    ["echo %n >&2; exit 3 #", { host: "cluster^x" }, "cluster^x"],
    ["echo %h >&2; exit 3 #", { host: "~cluster" }, "~cluster"],
  ])("%s: that a shell would misread is rejected: %j", async (command, target, name) => {
    await writeFile(join(home, ".ssh", "config"), `Host *\nProxyCommand sh -c '${command}'\n`);
    await expect(connect(target)).rejects.toMatchObject({
      detail: { code: "name-unfit-for-command", host: target.host, name, token: command.slice(5, 7) },
    });
  });

  it.each([
    [{ host: "cluster", user: "ada.l_1-x@corp" }, "ada.l_1-x@corp"],
    [{ host: "cluster", user: "zoë" }, "zoë"],
  ])("that is safe in a shell is accepted: %j", async (target, name) => {
    await configure("sh -c 'echo %r >&2; exit 3'");
    await expect(connect(target)).rejects.toMatchObject({
      detail: { code: "proxy-command-failed", output: name },
    });
  });

  it("is accepted if the command does not contain it", async () => {
    await configure("sh -c 'echo %h >&2; exit 3'");
    await expect(connect({ host: "cluster", user: "DOM\\ada" })).rejects.toMatchObject({
      detail: { code: "proxy-command-failed", output: "127.0.0.1" },
    });
  });

  it("is trusted if ~/.ssh/config contains it", async () => {
    await configure(`sh -c 'echo "%r" >&2; exit 3'`, 'User "Ada L"');
    await expect(connect({ host: "cluster" })).rejects.toMatchObject({
      detail: { code: "proxy-command-failed", output: "Ada L" },
    });
  });
});
