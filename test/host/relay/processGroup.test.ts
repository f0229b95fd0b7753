import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openFaultyLink } from "../../support/faultyLink.js";
import { ensureProgram, programsNamed } from "../../support/packages.js";
import { processesNaming } from "../../support/processes.js";
import { frameFor, trust } from "../../support/relay/agentRig.js";
import type { Frame } from "../../support/relay/peer.js";
import { relayTest } from "../../support/relay/relayTest.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/*
 * What a command started is ended with it, whichever shell is the host's /bin/sh, and also where something stands
 * before that shell (a ForceCommand that does not exec): then the process group is not the shell's own.
 */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "groups-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder with these programs and no others. */
async function folderOf(...programs: readonly string[]): Promise<string> {
  const path = await mkdtemp(join(folder, "path-"));
  // The system's own, which is the last: a version manager's is a script that needs more programs.
  const ownOf = (name: string): string => programsNamed(name).at(-1) ?? ensureProgram(name, name);
  await Promise.all(programs.map((name) => symlink(ownOf(name), join(path, name))));
  return path;
}

/** What a host runs for `exec /bin/sh -s`: this shell in the place of /bin/sh, and for the commands themselves. */
async function loginShell(shell: string, stands: "alone" | "behind another"): Promise<string> {
  const own = await mkdtemp(join(folder, "shell-"));
  await symlink(ensureProgram(shell, shell), join(own, "sh"));
  const script = join(own, "login");
  const start = stands === "alone" ? "exec" : "";
  const lines = [
    "#!/bin/sh",
    `export SHELL=${own}/sh`,
    // Whatever else it is asked to run, the shell is asked.
    `[ "$2" = "exec /bin/sh -s" ] || exec ${own}/sh "$@"`,
    `${start} ${own}/sh -s`,
    "exit $?",
  ];
  await writeFile(script, lines.join("\n"));
  await chmod(script, 0o755);
  return script;
}

interface Host {
  readonly name: string;
  readonly shell: string;
  readonly stands: "alone" | "behind another";
  /** Default: everything that the machine has. */
  readonly programs?: readonly string[];
  /** Default: true. Without, what was started may outlive its command. */
  readonly makesGroups?: boolean;
}

const usual = ["sleep", "cat", "env"];
const hosts: readonly Host[] = [
  ...["dash", "bash", "busybox"].flatMap((shell) =>
    (["alone", "behind another"] as const).map((stands) => ({ name: `${shell}, ${stands}`, shell, stands })),
  ),
  {
    name: "dash, behind another, with Perl in the place of setsid",
    shell: "dash",
    stands: "behind another",
    programs: [...usual, "perl"],
  },
  {
    name: "dash, behind another, with Python in the place of setsid",
    shell: "dash",
    stands: "behind another",
    programs: [...usual, "python3"],
  },
  {
    name: "dash, behind another, with nothing that makes a group",
    shell: "dash",
    stands: "behind another",
    programs: usual,
    makesGroups: false,
  },
];

let count = 0;

describe.each(hosts)("on a host with $name", ({ shell, stands, programs, makesGroups = true }) => {
  const it = relayTest({
    startHost: async () => {
      const path = programs && (await folderOf(...programs));
      return startSshd({ shell: await loginShell(shell, stands), ...(path !== undefined && { path }) });
    },
  });

  /** A command with processes that name it; one of them ignores TERM. */
  async function family(host: Sshd, more: Frame = {}): Promise<{ name: string; frame: Frame }> {
    const name = `family-${process.pid}-${(count += 1)}`;
    const child = `sh -c 'sleep 300; : ${name}'`;
    const script = `sh() { "$SHELL" "$@"; }; ${child} & (trap '' TERM; ${child}) >/dev/null 2>&1 & echo begun; ${child}; echo ended`;
    return { name, frame: await frameFor(host, script, more) };
  }
  const membersOf = async (name: string): Promise<string[]> =>
    (await processesNaming(name)).map(({ commandLine }) => commandLine);

  it.runIf(makesGroups).concurrent(
    "ends a command that takes too long with all that it started",
    async ({ host, peer }) => {
      const { name, frame } = await family(host, { timeout: 1_500 });
      const result = await peer.ask(frame);
      expect(result).toMatchObject({ stdout: "begun\n", exitCode: 1 });
      expect(result.stderr).toContain("The command took longer than 1500 ms.");
      await until("nothing of it runs", async () => (await membersOf(name)).length === 0);
    },
  );

  it.runIf(makesGroups).concurrent(
    "ends what runs, with all that it started, when the connection is lost",
    async ({ host, peer, rig }) => {
      const way = await openFaultyLink(host.port);
      await trust(rig, { ...host, port: way.port });
      const { name, frame } = await family(host, { port: way.port });
      peer.execute(frame);
      await until("all of it runs", async () => (await membersOf(name)).length >= 3);
      way.cut();
      await until("nothing of it runs", async () => (await membersOf(name)).length === 0);
      await way.close();
    },
  );

  it.concurrent.for([
    { name: "prints", command: "echo out; echo err >&2", stdout: "out\n", stderr: "err\n", exitCode: 0 },
    { name: "fails with its own code", command: "exit 7", exitCode: 7 },
    { name: "is ended by a signal", command: "kill -KILL $$", exitCode: 137 },
    { name: "ends itself politely", command: "kill -TERM $$", exitCode: 143 },
    {
      name: "can be interrupted",
      command: `"$SHELL" -c 'kill -INT $$'; echo $?`,
      stdout: "130\n",
      exitCode: 0,
    },
    { name: "has no input", command: "cat; echo end", stdout: "end\n", exitCode: 0 },
    {
      name: "prints what is no text",
      command: "printf 'a\\000\\377\\r\\n'",
      stdout: "a\0\ufffd\r\n",
      exitCode: 0,
    },
    { name: "begins like an option", command: "-x", exitCode: 2 },
    { name: "has quotes", command: `echo "a'b" 'c"d' \\$x; pwd`, stdout: `a'b c"d $x\n/\n`, exitCode: 0 },
    { name: "is long", command: `: ${"x".repeat(100_000)}; echo ok`, stdout: "ok\n", exitCode: 0 },
  ])(
    "runs a command that $name, as everywhere",
    async ({ command, stdout, stderr, exitCode }, { host, peer }) => {
      const result = await peer.ask(await frameFor(host, command));
      expect(result).toMatchObject({
        exitCode,
        ...(stdout !== undefined && { stdout }),
        ...(stderr !== undefined && { stderr }),
      });
    },
  );
});
