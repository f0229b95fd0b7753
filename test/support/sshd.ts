import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type HostKey } from "../../src/ssh/model/hostKeys.js";
import { hostKeyOf } from "../../src/ssh/hostKeys/knownHostsFile.js";
import type { LonelyNetwork } from "./lonelyNetwork.js";
import { onMachine, type OtherMachine } from "./otherMachine.js";
import { ensureProgram } from "./packages.js";
import { withFactors } from "./pam.js";
import { freePort } from "./ports.js";

export interface SshdOptions {
  /** Home folder of whoever logs in. Default: an empty one that goes with the server. */
  readonly home?: string;
  /** The shell that runs commands, as a login shell would, or what makes it in the server's folder. Default `/bin/sh`. */
  readonly shell?: string | ((folder: string) => string);
  readonly hostKeyType?: "ed25519" | "ecdsa" | "rsa";
  /** Extra lines of sshd_config. */
  readonly config?: readonly string[];
  /** `Match` blocks of sshd_config. */
  readonly matches?: readonly string[];
  /** Take this port, e.g. to stand in for a server that was stopped. */
  readonly port?: number;
  /** Takes this password, from everybody; only where `canCheckPasswords`. Default: keys only. */
  readonly password?: string;
  /** Where every command finds programs. Default: the usual folders. */
  readonly path?: string;
  /**
   * Asks for the code of an authenticator app, after the password where there is one; only where `canCheckPasswords`.
   * Both are then asked for by keyboard-interactive, and keys are taken no more unless `config` says so.
   */
  readonly code?: boolean;
  /** Whether it has the sftp subsystem. Default true. */
  readonly sftp?: boolean;
  /** Runs commands as sshd does by itself: with the user's own shell and environment, and without counting them. */
  readonly plain?: boolean;
  /** Environment of every command. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Listens there, and all that runs on it has that network alone. */
  readonly network?: LonelyNetwork;
  /** Runs as on another machine than this one; only where `noOtherMachine` says nothing. */
  readonly machine?: OtherMachine;
}

/** A real OpenSSH server on loopback with keys and a configuration of its own. */
export interface Sshd {
  /** 127.0.0.1, unless it is on a network of its own. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly home: string;
  /** A private key that may log in. */
  readonly identityFile: string;
  readonly hostKey: HostKey;
  readonly folder: string;
  /** The server's log so far, at level DEBUG1. */
  log(): Promise<string>;
  /** Every command that was run, in order, counted at the server. */
  commands(): Promise<string[]>;
  /** The processes that serve open connections, and those that run in them. */
  sessions(): Promise<readonly number[]>;
  /** Kills what serves the open connections, and what runs in them; the server stays. */
  cutConnections(): Promise<void>;
  /** Ends the server and its connections. */
  halt(): Promise<void>;
  /** Starts it again after `halt`, with the same keys and on the same port. */
  resume(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), "sshd-"));
  const installed = ensureProgram("sshd", "openssh-server");
  const usesPam = options.password !== undefined || options.code === true;
  const pam = usesPam ? await withFactors(installed, folder, options) : undefined;
  const home = options.home ?? join(folder, "home");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await mkdir("/run/sshd", { recursive: true, mode: 0o755 }).catch(() => undefined);
  const shellHome = join(folder, "shell-home");
  await mkdir(shellHome);
  const identityFile = join(folder, "id_ed25519");
  const hostKeyFile = join(folder, "host_key");
  makeKey(identityFile, "ed25519", "test identity");
  makeKey(hostKeyFile, options.hostKeyType ?? "ed25519", "");
  await writeFile(join(folder, "authorized_keys"), await readFile(`${identityFile}.pub`));
  const wrapper = await writeWrapper(folder, home, options);
  const port = options.port ?? (await freePort());
  const host = options.network?.address ?? "127.0.0.1";
  const log = join(folder, "log");
  await writeFile(
    join(folder, "sshd_config"),
    [
      `ListenAddress ${host}:${port}`,
      `HostKey ${hostKeyFile}`,
      `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
      `PidFile ${join(folder, "pid")}`,
      ...(options.plain ? [] : [`ForceCommand ${wrapper}`]),
      // The first value counts: what the test says comes first.
      ...(options.config ?? []),
      `UsePAM ${pam ? "yes" : "no"}`,
      "StrictModes no",
      ...(options.sftp === false ? [] : ["Subsystem sftp /usr/lib/openssh/sftp-server"]),
      // The shell of whoever runs the tests starts the wrapper, and bash reads .bashrc first: not that person's.
      `SetEnv HOME=${shellHome}`,
      `PasswordAuthentication ${pam && !options.code ? "yes" : "no"}`,
      `KbdInteractiveAuthentication ${options.code ? "yes" : "no"}`,
      "PermitRootLogin yes",
      "LogLevel DEBUG1",
      ...(options.matches ?? []),
      "",
    ].join("\n"),
  );
  const program = pam?.program ?? installed;
  let child: ChildProcess;
  const launch = async (): Promise<void> => {
    const { machine, network } = options;
    const apart = network ? ["ip", "netns", "exec", network.namespace] : [];
    const args = [...apart, ...(machine ? onMachine(machine) : []), program];
    args.push("-D", "-f", join(folder, "sshd_config"), "-E", log);
    child = spawn(args[0] ?? "", args.slice(1), { stdio: "ignore" });
    await reachable(host, port, () => child.exitCode !== null, log);
  };
  const sessions = async (): Promise<number[]> => {
    const children = await childrenOf(child.pid ?? 0);
    if (!options.machine) return children;
    const names = await Promise.all(
      children.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")),
    );
    return childrenOf(children[names.indexOf("sshd\n")] ?? 0);
  };
  /** sshd leaves the processes of open sessions alone when it ends. */
  const halt = async (): Promise<void> => {
    const open = await sessions();
    if (child.exitCode === null && child.signalCode === null) {
      // What plays another machine ignores the usual one.
      child.kill(options.machine ? "SIGKILL" : "SIGTERM");
      await once(child, "exit");
    }
    for (const pid of open) killIfPresent(pid);
  };
  await launch();
  const [type = "", base64 = ""] = (await readFile(`${hostKeyFile}.pub`, "utf8")).split(" ");
  return {
    host,
    port,
    user: userInfo().username,
    home,
    identityFile,
    hostKey: hostKeyOf(type, Buffer.from(base64, "base64")),
    folder,
    log: () => readFile(log, "utf8"),
    commands: async () => {
      const text = await readFile(join(folder, "commands"), "utf8").catch(() => "");
      return text.split("\0").slice(0, -1);
    },
    sessions,
    cutConnections: async () => {
      for (const pid of await sessions()) killIfPresent(pid);
    },
    halt,
    resume: launch,
    stop: async () => {
      await halt();
      await pam?.dispose();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Linux only, like the rest of this rig. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = text.trim().split(" ").filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(childrenOf))).flat()];
}

export function killIfPresent(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Counts each command, then runs it the way sshd would with the wanted shell and home folder. */
async function writeWrapper(folder: string, home: string, options: SshdOptions): Promise<string> {
  const path = join(folder, "run-command");
  const { shell: given = "/bin/sh" } = options;
  const shell = typeof given === "string" ? given : given(folder);
  const variables = Object.entries({ HOME: home, SHELL: shell, LANG: "C.UTF-8", ...options.environment });
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  await writeFile(
    path,
    [
      "#!/bin/sh",
      `printf '%s\\0' "$SSH_ORIGINAL_COMMAND" >>${quote(join(folder, "commands"))}`,
      // A clean environment, so that nothing of the machine that runs the tests leaks in.
      `exec env -i ${variables.map(([name, value]) => quote(`${name}=${value}`)).join(" ")} \\`,
      `  PATH=${quote(options.path ?? "/usr/local/bin:/usr/bin:/bin")} USER="$USER" SSH_CLIENT="$SSH_CLIENT" SSH_CONNECTION="$SSH_CONNECTION" \\`,
      `  /bin/sh -c 'cd "$HOME" && exec "$SHELL" -c "$1"' - "$SSH_ORIGINAL_COMMAND"`,
      "",
    ].join("\n"),
  );
  await chmod(path, 0o755);
  return path;
}

/** Makes a key pair with ssh-keygen. */
export function makeKey(path: string, type: string, comment: string, passphrase = ""): void {
  execFileSync(ensureProgram("ssh-keygen", "openssh-client"), [
    "-q",
    "-t",
    type,
    "-N",
    passphrase,
    "-C",
    comment,
    "-f",
    path,
  ]);
}

async function reachable(host: string, port: number, hasEnded: () => boolean, log: string): Promise<void> {
  for (;;) {
    if (hasEnded())
      throw new Error(`sshd did not start: ${await readFile(log, "utf8").catch(() => "no log")}`);
    const socket = connect(port, host);
    const answered = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await delay(10);
  }
}
