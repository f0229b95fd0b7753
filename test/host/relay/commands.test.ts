import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { mainServers, relayTest } from "../../support/relay/relayTest.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";
import { frameFor } from "../../support/relay/agentRig.js";
import type { Frame } from "../../support/relay/peer.js";
import { until } from "../../support/until.js";

let stranger: Sshd;
let pemKey: string;

beforeAll(async () => {
  stranger = await startSshd();
  const file = join(stranger.folder, "wrong");
  makeKey(file, "ed25519", "");
  pemKey = await readFile(file, "utf8");
});
afterAll(() => stranger.stop());

interface Case {
  readonly name: string;
  readonly command?: string;
  /** Replaces or removes (undefined) fields of the frame. */
  readonly frame?: () => Frame;
  readonly stdout?: string | RegExp;
  readonly stderr?: string | RegExp;
  readonly exitCode: number;
}

const failed = (name: string, frame: () => Frame, stderr: RegExp): Case => ({
  name,
  command: "echo ran",
  frame,
  stdout: "",
  stderr,
  exitCode: 1,
});
const notUnderstood = (field: string): RegExp =>
  new RegExp(`not understood: ${field} is missing or malformed`);
const many = 3_000_000;

const cases: readonly Case[] = [
  { name: "prints", command: "echo hello", stdout: "hello\n", stderr: "", exitCode: 0 },
  {
    name: "prints on both streams",
    command: "echo out; echo err >&2",
    stdout: "out\n",
    stderr: "err\n",
    exitCode: 0,
  },
  { name: "prints nothing", command: ":", stdout: "", stderr: "", exitCode: 0 },
  { name: "prints no newline at the end", command: "printf 'a'", stdout: "a", exitCode: 0 },
  { name: "fails with its own code", command: "exit 7", exitCode: 7 },
  { name: "fails with the highest code", command: "exit 255", exitCode: 255 },
  { name: "is not found", command: "no-such-program", stderr: /no-such-program/, exitCode: 127 },
  { name: "is not executable", command: "/etc/passwd", stderr: /[Pp]ermission denied/, exitCode: 126 },
  { name: "is no shell syntax", command: "if", stderr: /syntax error/i, exitCode: 2 },
  { name: "runs in /", command: "pwd", stdout: "/\n", exitCode: 0 },
  { name: "may go elsewhere", command: "cd /tmp && pwd", stdout: "/tmp\n", exitCode: 0 },
  {
    name: "runs in the user's own shell",
    command: "echo ${BASH_VERSION:+bash}",
    stdout: "bash\n",
    exitCode: 0,
  },
  {
    name: "has the user's home",
    command: 'test "$HOME" = "$(cd ~; pwd)" && echo same',
    stdout: "same\n",
    exitCode: 0,
  },
  { name: "has no input", command: "cat; echo end", stdout: "end\n", exitCode: 0 },
  {
    name: "is several lines",
    command: "x=1\nfor i in 1 2; do\n echo $i\ndone",
    stdout: "1\n2\n",
    exitCode: 0,
  },
  {
    name: "holds quotes of every kind",
    command: `echo "a'b" 'c"d' \\\` \\$x`,
    stdout: `a'b c"d \` $x\n`,
    exitCode: 0,
  },
  { name: "holds a backslash at the end", command: "echo a\\\\", stdout: "a\\\n", exitCode: 0 },
  { name: "is in another script", command: "echo 'schöne 训练 🎉'", stdout: "schöne 训练 🎉\n", exitCode: 0 },
  { name: "is a pipe", command: "printf 'b\\na\\n' | sort", stdout: "a\nb\n", exitCode: 0 },
  { name: "holds a here document", command: "cat <<END\n$((1+1))\nEND", stdout: "2\n", exitCode: 0 },
  { name: "sets a variable for itself only", command: "X=1; echo $X", stdout: "1\n", exitCode: 0 },
  { name: "does not see the one before", command: 'echo "${X-unset}"', stdout: "unset\n", exitCode: 0 },
  { name: "begins like an option, as over ssh", command: "-x", stderr: /-c: option/, exitCode: 2 },
  { name: "is long", command: `echo ${"x".repeat(100_000)} | wc -c`, stdout: "100001\n", exitCode: 0 },
  {
    name: "prints NUL and control characters",
    command: "printf 'a\\000\\033b\\r\\n'",
    stdout: "a\0\x1bb\r\n",
    exitCode: 0,
  },
  { name: "prints what is no UTF-8", command: "printf 'a\\377b'", stdout: "a\ufffdb", exitCode: 0 },
  { name: "prints a byte order mark", command: "printf '\\357\\273\\277x'", stdout: "\ufeffx", exitCode: 0 },
  {
    name: "prints a character in two pieces",
    command: "printf '\\303'; sleep 0.1; printf '\\244'",
    stdout: "ä",
    exitCode: 0,
  },
  {
    name: "prints a megabyte in two halves",
    command: "head -c 200000 /dev/zero | tr '\\0' a; head -c 200000 /dev/zero | tr '\\0' b >&2",
    stdout: /^a{200000}$/,
    stderr: /^b{200000}$/,
    exitCode: 0,
  },
  {
    name: "prints more than is kept",
    command: `head -c ${many} /dev/zero | tr '\\0' a`,
    stdout: /^a{700000,786432}$/,
    stderr: new RegExp(`^stdout was cut: 7\\d{5} of ${many} bytes are here\\.\n$`),
    exitCode: 0,
  },
  {
    name: "prints more than is kept, of characters that are long in JSON",
    command: `head -c ${many} /dev/zero; exit 3`,
    stdout: /^\0{100000,140000}$/,
    stderr: /^stdout was cut/,
    exitCode: 3,
  },
  {
    name: "keeps room for errors beside a flood",
    command: `head -c ${many} /dev/zero | tr '\\0' a; echo important >&2`,
    stderr: /^important\nstdout was cut/,
    exitCode: 0,
  },
  { name: "is ended by a signal", command: "kill -KILL $$", exitCode: 137 },
  { name: "ends itself politely", command: "kill -TERM $$", exitCode: 143 },
  {
    name: "can be interrupted, as in a terminal",
    command: "sh -c 'kill -INT $$'; echo $?",
    stdout: "130\n",
    exitCode: 0,
  },
  {
    name: "leaves a process behind",
    command: "nohup sleep 2 >/dev/null 2>&1 & echo started",
    stdout: "started\n",
    exitCode: 0,
  },
  {
    name: "takes too long",
    command: "echo begun; sleep 60; echo ended",
    frame: () => ({ timeout: 300 }),
    stdout: "begun\n",
    // The shell may say that what it ran was terminated.
    stderr:
      /^(Terminated\n)?The command took longer than 300 ms\. It was ended with all that it had started\.\n$/,
    exitCode: 1,
  },
  {
    name: "has all the time it needs",
    command: "sleep 0.2; echo ok",
    frame: () => ({ timeout: 0 }),
    stdout: "ok\n",
    exitCode: 0,
  },
  {
    name: "may be given half a second too much",
    command: "echo ok",
    frame: () => ({ timeout: 30_000.5 }),
    stdout: "ok\n",
    exitCode: 0,
  },
  {
    name: "has fields that nobody knows",
    command: "echo ok",
    frame: () => ({ extra: { deep: [1] } }),
    stdout: "ok\n",
    exitCode: 0,
  },
  {
    name: "has a null in the place of a password",
    command: "echo ok",
    frame: () => ({ password: null }),
    stdout: "ok\n",
    exitCode: 0,
  },
  failed("has no password and no key", () => ({ privateKey: undefined }), notUnderstood("password")),
  failed("has an empty password", () => ({ privateKey: undefined, password: "" }), notUnderstood("password")),
  failed("has no host", () => ({ host: undefined }), notUnderstood("host")),
  failed("has an empty host", () => ({ host: "" }), notUnderstood("host")),
  failed("has a port beyond the last", () => ({ port: 65_536 }), notUnderstood("port")),
  failed("has a port that is no number", () => ({ port: "ssh" }), notUnderstood("port")),
  failed("has no user", () => ({ username: undefined }), notUnderstood("username")),
  failed("has no command", () => ({ command: undefined }), notUnderstood("command")),
  failed("has a NUL in its command", () => ({ command: "echo\0x" }), notUnderstood("command")),
  failed("has a negative timeout", () => ({ timeout: -1 }), notUnderstood("timeout")),
  failed("has a list for a command", () => ({ command: ["echo"] }), notUnderstood("command")),
  failed("is for a port where nobody listens", () => ({ port: 1 }), /127\.0\.0\.1:1 refuses connections\./),
  failed(
    "is for a host that is not allowed",
    () => ({ host: "10.1.2.3" }),
    /10\.1\.2\.3 is not among the hosts/,
  ),
  failed("comes with a wrong key", () => ({ privateKey: pemKey }), /rejected user/),
  failed("comes with what is no key", () => ({ privateKey: "nonsense" }), /private key/i),
  failed(
    "comes with a wrong password",
    () => ({ privateKey: undefined, password: "wrong" }),
    /rejected user/,
  ),
  failed(
    "is for a host whose key is not known",
    () => ({ port: stranger.port }),
    /was not trusted, so nothing was sent\. Its fingerprint is SHA256:[\w+/]{43}\./,
  ),
];

describe.each(mainServers)("a command over %s", (_name, startPeer) => {
  const it = relayTest({ startPeer, startHost: () => startSshd({ shell: "/bin/bash" }) });

  it.for(cases)("that $name", async ({ command = "echo ran", frame, ...expected }, { host, peer }) => {
    const { stdout, stderr, exitCode } = expected;
    const result = await peer.ask(await frameFor(host, command, frame?.() ?? {}));
    expect({ ...result, stdout: short(result.stdout) }).toMatchObject({ exitCode });
    if (stdout !== undefined) match(result.stdout, stdout);
    if (stderr !== undefined) match(result.stderr, stderr);
  });

  it("confirms everything in the end, and counts it", async ({ rig }) => {
    await until("everything is confirmed", () => rig.relay.status?.unacknowledged === 0);
    const { counters, running, waiting, connections } = rig.relay.status!;
    expect({ running, waiting, connections }).toEqual({ running: 0, waiting: 0, connections: 1 });
    expect(counters).toMatchObject({ received: cases.length, resent: 0 });
    expect(counters.done + counters.failed + counters.refused).toBe(cases.length);
    expect(counters.refused).toBe(
      cases.filter(({ stderr }) => /not understood|not among/.test(String(stderr))).length,
    );
  });
});

function match(text: string, wanted: string | RegExp): void {
  if (typeof wanted === "string") expect(short(text)).toBe(short(wanted));
  else expect(wanted.test(text), short(text)).toBe(true);
}

function short(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 500)}… (${text.length})` : text;
}
