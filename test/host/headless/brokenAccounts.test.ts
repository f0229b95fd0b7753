import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../../support/api.js";
import { type BrokenAccount, type BrokenServer, startBrokenServer } from "../../support/brokenAccounts.js";
import { noOtherAccount } from "../../support/otherAccount.js";

/** What is wrong, and what the first line and the rest must tell of it. */
const table: readonly (BrokenAccount & { readonly first: RegExp; readonly below?: RegExp })[] = [
  {
    name: "the password has expired",
    expired: true,
    first: /password .* has expired/i,
    below: /Password change required but no TTY available/,
  },
  {
    name: "the account may not log in",
    shell: "/usr/sbin/nologin",
    first: /may not log in/,
    below: /This account is currently not available/,
  },
  { name: "the login shell ends at once", shell: "/bin/false", first: /exit status 1 and said nothing/ },
  {
    name: "files may be transferred only",
    forced: "internal-sftp",
    first: /SFTP only/,
    below: /This service allows sftp connections only/,
  },
  {
    name: "a menu",
    forced:
      "/bin/sh -c 'printf \"Welcome\\n 1) Change password\\n 2) Log out\\nYour choice: \"; read choice'",
    first: /menu/,
    below: /Change password/,
  },
  {
    name: "a restricted shell",
    shell: "/bin/rbash",
    first: /allows certain commands only/,
    below: /exec: restricted/,
  },
  {
    name: "the key may run rsync only",
    forced: "/usr/bin/rrsync HOME",
    needs: ["rrsync", "rsync"],
    first: /allows certain commands only/,
    below: /rrsync/,
  },
  {
    name: "a shell for git",
    shell: "/usr/bin/git-shell",
    needs: ["git-shell", "git"],
    first: /allows certain commands only/,
    below: /unrecognized command/,
  },
  { name: "a root folder without a shell", chroot: "/usr/share", first: /\/bin\/bash: No such file/ },
  {
    name: "a root folder that others may write to",
    chroot: "/tmp",
    first: /was lost/,
    below: /its log says why/,
  },
  {
    name: "Windows",
    forced: `/bin/sh -c 'echo "\\047exec\\047 is not recognized as an internal or external command," >&2; exit 1'`,
    first: /runs Windows/,
  },
  {
    name: "a start-up file that ends early",
    bashrc: 'echo "Disk quota exceeded, ask the desk" >&2\nexit 3\n',
    first: /Disk quota exceeded, ask the desk/,
  },
  {
    name: "a start-up file that becomes another program",
    bashrc: "exec python3\n",
    first: /SyntaxError/,
  },
  {
    name: "a start-up file that sends output elsewhere",
    bashrc: "exec 1>&2\n",
    first: /standard error/,
  },
  {
    name: "a start-up file that wants a terminal",
    bashrc: "exec tmux\n",
    needs: ["tmux", "tmux"],
    first: /not a terminal/,
  },
];

describe.skipIf(noOtherAccount !== undefined)(
  `an account where no command can be run${noOtherAccount === undefined ? "" : ` (${noOtherAccount})`}`,
  () => {
    let broken: BrokenServer;
    let api: TestApi;
    let data: string;

    beforeAll(async () => {
      broken = await startBrokenServer(table);
      data = await mkdtemp(join(tmpdir(), "data-"));
      api = await startTestApi();
      const { server } = broken;
      await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
    });
    afterAll(async () => {
      await api.dispose();
      await broken.dispose();
      await rm(data, { recursive: true });
    });

    const inTerminal = async (user: string): Promise<string[]> => {
      const { port, identityFile, hostKey } = broken.server;
      const options = ["-i", identityFile, "--data", data, "--accept-host-key", hostKey.fingerprint];
      const args = ["dist/headless.js", "envs", `${user}@127.0.0.1:${port}`, ...options];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk) => (said += String(chunk)));
      expect(await once(child, "close")).toEqual([1, null]);
      const lines = said.trim().split("\n");
      // PAM may tell something as a banner, which stands before the failure.
      const isNotice = (line: string): boolean => line.endsWith(" says:") || line.startsWith("  | ");
      return lines.slice(lines.findIndex((line) => !isNotice(line)));
    };

    const overRest = async (user: string): Promise<string> => {
      const { port, identityFile } = broken.server;
      const login = { host: "127.0.0.1", port, username: user };
      const body = { ...login, private_key_path: identityFile, use_agent: false };
      const connected = await api.request("POST", "/api/remote/connect", body);
      expect(connected.body).toMatchObject({ connected: true });
      const { connection_id: id } = connected.body as { readonly connection_id: string };
      const answer = await api.request("GET", `/api/remote/conda-envs?connection_id=${id}`);
      expect(answer.status).toBe(500);
      return (answer.body as { readonly detail: string }).detail;
    };

    it.each(table)("tells the cause: $name", async ({ name, first, below = first }) => {
      const user = broken.users.get(name) ?? "";
      const [line = "", ...more] = await inTerminal(user);
      expect(line).toMatch(first);
      if (below !== first) expect(more.join("\n")).toMatch(below);
      const detail = await overRest(user);
      expect(detail).toMatch(first);
      expect(detail).toMatch(below);
      expect(`${line} ${more.join(" ")} ${detail}`).not.toMatch(/did not run our script|<<[0-9a-f]{24}/);
    });
  },
);
