import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex, Transform } from "node:stream";
import { Failure } from "../common/failure.js";
import { hostPort } from "../common/hostPort.js";
import type { RemoteProcess, RemoteProcessEnd } from "./connection.js";
import type { SshFailure } from "./failures.js";
import type { SshProgram } from "./sshProgram.js";

/** A master's control socket, and who speaks to it. */
export interface OpensshMaster {
  readonly program: SshProgram;
  readonly controlPath: string;
  readonly host: string;
  /** The failure that tells that the master is gone, once it is; waits until that is certain. */
  lost(): Promise<Failure<SshFailure> | undefined>;
}

/** What ssh itself exits with; a command may do so too. */
const ownFailure = 255;
const refusedByPeer = /session open refused by peer/i;
/** With `-v`, once the channel is open. */
const opened = /master session id: \d+/;
const longestDiagnosis = 4_000;

/** Talks to the master and to nobody else: where that fails, nothing may log in a second time. */
function startClient(master: OpensshMaster, args: readonly string[]): ChildProcessWithoutNullStreams {
  const { program, controlPath } = master;
  const own = ["-F", "none", "-S", controlPath];
  const options = ["ControlMaster=no", "ProxyCommand=false", "BatchMode=yes"].flatMap((one) => ["-o", one]);
  // A session of its own: what interrupts the terminal that we were started from is for us to handle.
  return spawn(program.command, [...own, ...options, ...args], { env: program.environment, detached: true });
}

const refused = (host: string, reason: string): Failure<SshFailure> =>
  new Failure<SshFailure>({ code: "channel-refused", host, reason });

/** Keeps the end of what it says on standard error. */
function listenTo(child: ChildProcessWithoutNullStreams): () => string {
  let said = "";
  child.stderr.on(
    "data",
    (chunk: Buffer) => (said = (said + chunk.toString("latin1")).slice(-longestDiagnosis)),
  );
  child.stdin.on("error", () => undefined);
  return () => said;
}

/**
 * Starts one command. A refused channel is told by how it ends. A command that a signal ended has the exit status 255:
 * ssh does not tell which one.
 */
export async function spawnThrough(master: OpensshMaster, command: string): Promise<RemoteProcess> {
  const child = startClient(master, ["-T", "--", "master", command]);
  let said = "";
  const stderr = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      said = (said + chunk.toString("latin1")).slice(-longestDiagnosis);
      done(null, chunk);
    },
  });
  child.stderr.pipe(stderr);
  child.stdin.on("error", () => undefined);
  const allRead = new Promise((resolve) => stderr.once("close", resolve));
  const exited = new Promise<number | undefined>((resolve) =>
    child.once("close", (code) => resolve(code ?? undefined)),
  );
  const howItEnded = async (): Promise<RemoteProcessEnd> => {
    const code = await exited;
    await allRead;
    if (code !== ownFailure && code !== undefined) return { kind: "exited", code, signal: undefined };
    const failure = await master.lost();
    if (failure) return { kind: "lost", failure };
    if (refusedByPeer.test(said)) return { kind: "lost", failure: refused(master.host, "MaxSessions") };
    return { kind: "exited", code, signal: undefined };
  };
  const ended = howItEnded();
  await started(child, master);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr,
    ended,
    kill: () => {
      child.kill();
      // The master has the other ends, and keeps them until the command has noticed.
      child.once("exit", () => {
        child.stdout.destroy();
        child.stderr.destroy();
        stderr.destroy();
      });
    },
  };
}

/** Starts a subsystem; that the server has none of that name is told by its end. */
export async function subsystemThrough(master: OpensshMaster, name: string): Promise<Duplex> {
  const child = startClient(master, ["-T", "-s", "--", "master", name]);
  listenTo(child);
  await started(child, master);
  return duplexOf(child);
}

/**
 * Opens a stream to an address as seen from the host.
 * @throws Failure `channel-refused`, or that the connection is lost.
 */
export async function forwardThrough(master: OpensshMaster, host: string, port: number): Promise<Duplex> {
  const child = startClient(master, ["-v", "-W", hostPort(host, port), "--", "master"]);
  const said = listenTo(child);
  await started(child, master);
  const isOpen = await new Promise<boolean>((resolve) => {
    child.stderr.on("data", () => opened.test(said()) && resolve(true));
    child.once("exit", () => resolve(opened.test(said())));
  });
  if (isOpen) return duplexOf(child);
  child.stdout.resume();
  const reason = /open failed: (.*)/.exec(said())?.[1]?.trim() ?? "";
  throw (await master.lost()) ?? refused(master.host, reason);
}

/** Asks the master for something that is done at once, such as a forward. */
export async function commandMaster(master: OpensshMaster, args: readonly string[]): Promise<void> {
  const child = startClient(master, [...args, "--", "master"]);
  const said = listenTo(child);
  child.stdout.resume();
  await started(child, master);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw (await master.lost()) ?? refused(master.host, said().trim());
}

function started(child: ChildProcessWithoutNullStreams, { host }: OpensshMaster): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", ({ message }) => reject(refused(host, message)));
  });
}

function duplexOf(child: ChildProcessWithoutNullStreams): Duplex {
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on("error", () => undefined);
  stream.once("close", () => child.kill());
  return stream;
}
