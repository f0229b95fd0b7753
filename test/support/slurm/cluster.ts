import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  readdir,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { randomBytes } from "node:crypto";
import { testCache, runicornVersions } from "../runicorn/install.js";
import { until } from "../until.js";
import {
  adoptingPam,
  cgroupConf,
  type ClusterOptions,
  gresConf,
  passwdLines,
  type Places,
  slurmConf,
  sshdConf,
  uidOf,
  users,
} from "./configuration.js";
import { ensureSystemRunicorn } from "./install.js";
import machineScript from "./machine.sh";

export type User = (typeof users)[number];
export type MachineName = "login" | "node1" | "node2";

/** A cluster with Slurm on this machine: a login node that the laptop reaches, and two nodes behind it that it does not. */
export interface Cluster {
  /** Of the login node, whose sshd listens on port 22. */
  readonly address: string;
  readonly folder: string;
  /** A private key that logs in everywhere, for both users. */
  readonly keyOf: (user: User) => string;
  /** A home as this machine sees it; its owner sees it as `/home/NAME`. */
  readonly homeOf: (user: User) => string;
  /** Runs a command line on a machine. @returns what it prints. @throws Error with what it said. */
  as(user: User | "root", machine: MachineName, commandLine: string): Promise<string>;
  /** Processes of a user there, each with its arguments. */
  processesOf(user: User, machine: MachineName): Promise<string[]>;
  /** Cuts the link between laptop and login node: nothing arrives, and nobody is told. */
  cutLink(isCut: boolean): void;
  /** The controller goes, and comes back only when it is wanted again. */
  holdController(isHeld: boolean): Promise<void>;
  /** A node loses power. It cannot come back. */
  loseNode(machine: "node1" | "node2"): void;
  down(): Promise<void>;
}

const run = promisify(execFile);
/** As many clusters may stand side by side: each has networks of its own. */
const mostClusters = 250;

function tagOf(number: number): string {
  return `rs${number}`;
}

/** A number that no other cluster on this machine has: the name space of its login node can be made once only. */
function takeNumber(): number {
  for (let tries = 0; tries < mostClusters; tries += 1) {
    const number = (process.pid + tries) % mostClusters;
    try {
      ip("netns", "add", `${tagOf(number)}-login`);
      return number;
    } catch {
      // Another one has it.
    }
  }
  throw new Error(`there are ${mostClusters} clusters on this machine`);
}

/** Brings one up; at most 15 s. What it makes goes with it. */
export async function bringUp(options: ClusterOptions = {}): Promise<Cluster> {
  const packages = await ensureSystemRunicorn(runicornVersions.newest);
  const older = await ensureSystemRunicorn(runicornVersions.oldest);
  const number = takeNumber();
  const tag = tagOf(number);
  // Not below /tmp: each machine has one of its own.
  const folder = await mkdtemp("/var/tmp/slurm-rig-");
  const places: Places = {
    folder,
    outside: `10.214.${number}`,
    inside: `10.215.${number}`,
    nodes: ["node1", "node2"],
  };
  const machines = new Map<string, ChildProcess>();
  const pids = new Map<string, number>();
  const down = async (): Promise<void> => {
    for (const [name, machine] of machines) {
      const ended =
        machine.exitCode === null && machine.signalCode === null ? once(machine, "exit") : undefined;
      kill(pids.get(name) ?? machine.pid, "SIGKILL");
      await ended;
    }
    quietly("ip", ["link", "delete", `${tag}o`]);
    quietly("ip", ["route", "delete", "unreachable", `${places.inside}.0/24`]);
    await removeCgroups();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    // That of the login node last: it keeps the number.
    for (const name of [...machines.keys(), "login"]) quietly("ip", ["netns", "delete", `${tag}-${name}`]);
  };
  try {
    await writeFiles(places, options, [packages, older]);
    for (const name of ["login", ...places.nodes]) {
      if (name !== "login") ip("netns", "add", `${tag}-${name}`);
      machines.set(name, startMachine(name, tag, folder));
    }
    connectWires(tag, places);
    for (const [name, machine] of machines) pids.set(name, await firstProcess(machine));
    await writeFile(join(folder, "run", "go"), "");
  } catch (error) {
    await down();
    throw error;
  }

  const as: Cluster["as"] = async (user, machine, commandLine) => {
    const pid = pids.get(machine);
    const words = ["-t", String(pid), "-a", "--"];
    const who = user === "root" ? [] : ["runuser", "-u", user, "--"];
    const home = user === "root" ? "/" : `/home/${user}`;
    const env = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", `HOME=${home}`];
    const line = `cd; ${commandLine}`;
    const { stdout } = await run("nsenter", [...words, ...who, ...env, "bash", "-c", line], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trim();
  };

  const cluster: Cluster = {
    address: `${places.outside}.2`,
    folder,
    keyOf: (user) => join(folder, "keys", user),
    homeOf: (user) => join(folder, "home", user),
    as,
    processesOf: async (user, machine) =>
      (await as("root", machine, "ps -eo user:20,args --no-headers"))
        .split("\n")
        .filter((line) => line.startsWith(`${user} `))
        .map((line) => line.slice(user.length).trim()),
    cutLink: (isCut) => ip("-n", `${tag}-login`, "link", "set", "out", isCut ? "down" : "up"),
    holdController: async (isHeld) => {
      const file = join(folder, "hold", "slurmctld");
      if (isHeld) {
        await writeFile(file, "");
        await as(
          "root",
          "login",
          "pkill -x slurmctld; while pgrep -x slurmctld >/dev/null; do sleep 0.05; done",
        );
      } else await rm(file);
    },
    loseNode: (machine) => kill(pids.get(machine), "SIGKILL"),
    down,
  };
  const idle = (limit: number): Promise<void> =>
    until("the nodes are idle", () => isReady(cluster, places.nodes.length), limit);
  try {
    // A node that has asked a controller which was not ready asks again only much later.
    await idle(4_000).catch(async () => {
      await Promise.all(
        ["node1" as const, "node2" as const].map((name) => as("root", name, "pkill -x slurmd")),
      );
      await idle(15_000);
    });
  } catch (error) {
    const said = await as("alice", "login", "sinfo -N -l; scontrol show node | grep -i state").catch(String);
    const log = await readFile(join(folder, "log", "slurmctld"), "utf8").catch(String);
    await down();
    throw new Error(`the cluster does not come up\n${said}\n${log.slice(-3000)}`, { cause: error });
  }
  return cluster;
}

async function isReady(cluster: Cluster, nodes: number): Promise<boolean> {
  const said = await cluster.as("alice", "login", "sinfo -h -N -p debug -o %T").catch(() => "");
  return said.split("\n").filter((state) => state === "idle").length === nodes;
}

/** slurmd leaves empty ones of its own. */
async function removeCgroups(): Promise<void> {
  const found = await run("find", ["/sys/fs/cgroup", "-depth", "-type", "d", "-path", "*/slurm_node*"]).catch(
    () => undefined,
  );
  for (const path of found?.stdout.split("\n").filter(Boolean) ?? []) quietly("rmdir", [path]);
}

function startMachine(name: string, tag: string, folder: string): ChildProcess {
  const apart = ["--uts", "--mount", "--ipc", "--pid", "--fork", "--kill-child"];
  const script = `until [ -e "$2/run/go" ]; do sleep 0.02; done; exec bash "$2/machine.sh" "$@" >>"$2/log/machine-$1" 2>&1`;
  return spawn(
    "nsenter",
    [
      `--net=/run/netns/${tag}-${name}`,
      "unshare",
      ...apart,
      "bash",
      "-c",
      script,
      "-",
      name,
      folder,
      testCache,
    ],
    { stdio: "ignore", env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } },
  );
}

/** In the machine: the only child of what was started. */
async function firstProcess({ pid }: ChildProcess): Promise<number> {
  let found = "";
  await until("a machine has a process", async () => {
    found = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")).trim();
    return found !== "";
  });
  return Number(found);
}

function connectWires(tag: string, { outside, inside, nodes }: Places): void {
  const login = `${tag}-login`;
  ip("link", "add", `${tag}o`, "type", "veth", "peer", "name", "out", "netns", login);
  ip("address", "add", `${outside}.1/24`, "dev", `${tag}o`);
  ip("link", "set", `${tag}o`, "up");
  // Without it the default gateway would be asked for the nodes.
  ip("route", "replace", "unreachable", `${inside}.0/24`);
  ip("-n", login, "link", "set", "lo", "up");
  ip("-n", login, "address", "add", `${outside}.2/24`, "dev", "out");
  ip("-n", login, "link", "set", "out", "up");
  ip("-n", login, "link", "add", "in", "type", "bridge");
  ip("-n", login, "address", "add", `${inside}.1/24`, "dev", "in");
  ip("-n", login, "link", "set", "in", "up");
  for (const [index, name] of nodes.entries()) {
    const node = `${tag}-${name}`;
    ip("-n", login, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", node);
    ip("-n", login, "link", "set", name, "master", "in", "up");
    ip("-n", node, "address", "add", `${inside}.${11 + index}/24`, "dev", "eth0");
    ip("-n", node, "link", "set", "eth0", "up");
  }
}

async function writeFiles(
  places: Places,
  options: ClusterOptions,
  [newest = "", oldest = ""]: readonly string[],
): Promise<void> {
  const { folder, nodes } = places;
  const at = (...names: string[]): string => join(folder, ...names);
  await chmod(folder, 0o755);
  const folders = ["run", "log", "state", "spool", "dev", "keys", "munge", "tmp", "sshd", "hold", "home"];
  for (const name of folders) await mkdir(at(name), { mode: 0o755 });
  for (const name of nodes) await mkdir(at("spool", name));
  await writeFile(at("machine.sh"), machineScript);
  for (const gpu of ["gpu0", "gpu1"]) execFileSync("mknod", ["-m", "666", at("dev", gpu), "c", "1", "3"]);
  await writeFile(at("munge", "key"), randomBytes(1024), { mode: 0o400 });
  execFileSync("chown", ["-R", "munge:", at("munge")]);
  execFileSync("chown", ["slurm:", at("state"), at("log"), at("run")]);
  await writeSystemFiles(places, options, at("etc-login"));
  execFileSync("cp", ["-a", at("etc-login"), at("etc-node")]);
  if (options.cgroups) await writeFile(at("etc-node", "pam.d", "sshd"), adoptingPam);
  for (const name of ["login", ...nodes]) {
    await makeKey(at("keys", `host-${name}`), name);
    await writeFile(at("sshd", name), sshdConf(places, name, options));
  }
  for (const user of users) await makeHome(places, user, newest, oldest);
}

/** What the machines have in the place of `/etc`: the system's own, with our accounts, hosts and Slurm. */
async function writeSystemFiles(places: Places, options: ClusterOptions, etc: string): Promise<void> {
  const { inside, nodes } = places;
  execFileSync("cp", ["-a", "/etc", etc]);
  const added = passwdLines();
  for (const name of ["passwd", "group", "shadow"] as const) await appendFile(join(etc, name), added[name]);
  const addresses = [`${inside}.1 login`, ...nodes.map((name, index) => `${inside}.${11 + index} ${name}`)];
  await writeFile(join(etc, "hosts"), ["127.0.0.1 localhost", ...addresses, ""].join("\n"));
  await mkdir(join(etc, "slurm"), { recursive: true });
  await writeFile(join(etc, "slurm", "slurm.conf"), slurmConf(places, options));
  await writeFile(join(etc, "slurm", "gres.conf"), gresConf(places));
  await writeFile(join(etc, "slurm", "cgroup.conf"), cgroupConf(options));
}

async function makeKey(file: string, comment: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}

async function makeHome({ folder }: Places, user: User, newest: string, oldest: string): Promise<void> {
  const home = join(folder, "home", user);
  const key = join(folder, "keys", user);
  await makeKey(key, user);
  await mkdir(join(home, ".ssh"), { recursive: true });
  await writeFile(join(home, ".ssh", "authorized_keys"), readFileSync(`${key}.pub`));
  await writeFile(join(home, ".bashrc"), "");
  for (const [name, packages] of [
    ["train", newest],
    ["vision", oldest],
  ] as const) {
    const environment = join(home, "venvs", name);
    execFileSync("/usr/bin/python3", ["-m", "venv", "--without-pip", environment], { stdio: "pipe" });
    const [library = ""] = await readdir(join(environment, "lib"));
    const own = join(environment, "lib", library, "site-packages");
    for (const entry of await readdir(packages))
      if (!entry.startsWith("pip")) await symlink(join(packages, entry), join(own, entry));
  }
  await mkdir(join(home, "runs"));
  await mkdir(join(home, ".config", "runicorn"), { recursive: true });
  const settings = JSON.stringify({ user_root_dir: `/home/${user}/runs` });
  await writeFile(join(home, ".config", "runicorn", "config.json"), settings);
  const id = String(uidOf(user));
  execFileSync("chown", ["-Rh", `${id}:${id}`, home]);
  await chmod(home, 0o700);
  await chmod(join(home, ".ssh"), 0o700);
  await chown(key, 0, 0);
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: "pipe" });
}

function quietly(program: string, words: readonly string[]): void {
  try {
    execFileSync(program, words, { stdio: "pipe" });
  } catch {
    // It is gone already.
  }
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined && existsSync(`/proc/${pid}`)) process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
