import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOtherAccount, type OtherAccount } from "./otherAccount.js";
import { ensureProgram } from "./packages.js";
import { type Sshd, startSshd } from "./sshd.js";

/** An account of this machine where no command can be run, as sshd finds it. */
export interface BrokenAccount {
  /** What is wrong with it. */
  readonly name: string;
  readonly shell?: string;
  /** Of its home folder. */
  readonly bashrc?: string;
  /** What sshd runs in place of every command; `HOME` stands for the home folder. */
  readonly forced?: string;
  /** The folder that is its root. */
  readonly chroot?: string;
  /** That it must set another password before anything else. */
  readonly expired?: boolean;
  /** What must be there for it. */
  readonly needs?: readonly [program: string, packageName: string];
}

/** What is wrong, and what the first line and the rest must tell of it. */
export const brokenAccounts: readonly (BrokenAccount & {
  readonly first: RegExp;
  readonly below?: RegExp;
  /** The server ends the connection with the first session: the next request may find it gone. */
  readonly endsConnection?: true;
})[] = [
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
    endsConnection: true,
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

/** A server with an account of its own for each. */
export interface BrokenServer {
  readonly server: Sshd;
  /** The account's name, by what is wrong with it. */
  readonly users: ReadonlyMap<string, string>;
  dispose(): Promise<void>;
}

export async function startBrokenServer(broken: readonly BrokenAccount[]): Promise<BrokenServer> {
  const folder = await mkdtemp(join(tmpdir(), "broken-"));
  await chmod(folder, 0o755);
  const accounts: OtherAccount[] = [];
  const users = new Map<string, string>();
  const forced: string[] = [];
  for (const [index, one] of broken.entries()) {
    if (one.needs) ensureProgram(...one.needs);
    const home = join(folder, `home-${index}`);
    const account = makeOtherAccount({ home, shell: one.shell ?? "/bin/bash" });
    accounts.push(account);
    users.set(one.name, account.name);
    if (one.bashrc !== undefined) {
      await writeFile(join(home, ".bashrc"), one.bashrc);
      await chmod(join(home, ".bashrc"), 0o644);
    }
    if (one.expired) execFileSync("chage", ["-d", "0", account.name]);
    const command = one.forced?.replaceAll("HOME", home);
    if (one.chroot !== undefined)
      forced.push(`Match User ${account.name}`, `  ChrootDirectory ${one.chroot}`);
    if (command !== undefined) forced.push(`Match User ${account.name}`, `  ForceCommand ${command}`);
  }
  const server = await startSshd({
    plain: true,
    config: [
      // The system's own rules for accounts: they know which password has expired.
      "UsePAM yes",
      // Each account's own home folder, and not that of the other tests.
      "SetEnv RUNICORN_TEST=1",
    ],
    matches: forced,
  });
  // sshd reads them as the account that logs in.
  await chmod(server.folder, 0o755);
  return {
    server,
    users,
    dispose: async () => {
      await server.stop();
      for (const account of accounts) await account.dispose();
      await rm(folder, { recursive: true });
    },
  };
}
