import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex, PassThrough, Transform, type Writable } from "node:stream";
import { Failure } from "../../common/failure.js";
import { hostPort } from "../../common/text/hostPort.js";
import { SessionRefused } from "../channel/sessions.js";
import type { RemoteProcess, RemoteProcessEnd } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import type { SshProgram } from "../config/sshProgram.js";

/** A master's control socket, and who speaks to it. */
export interface OpensshMaster {
  readonly program: SshProgram;
  readonly controlPath: string;
  readonly host: string;
  /** The failure that tells that the master is gone, once it is; waits until that is certain. */
  lost(): Promise<Failure<SshFailure> | undefined>;
}

/** The exit status of ssh itself on errors; a command may return it too. */
const ownFailure = 255;
const refusedByPeer = /session open refused by peer/i;
/** With `-v`, once the channel is open. */
const opened = /master session id: \d+/;
const openedLine = /^debug1: mux_client_request_session: master session id: \d+\r?\n/m;
/** What it says before, with `-v`. */
const ownLines = /^(OpenSSH_|debug1: ).*\r?\n/gm;
const longestDiagnosis = 4_000;

/** By a path: the shell of whoever has the current folder in PATH would start what lies there. */
const failingCommand = "/bin/sh -c 'exit 1'";

/** One ssh that speaks to the master. */
interface Client {
  readonly child: ChildProcessWithoutNullStreams;
  /** Its output. Node throws away what nobody has begun to read when a process ends, so it is read from the start. */
  readonly stdout: PassThrough;
}

/** Uses the control socket only. If that fails, ssh must not log in by itself. */
function startClient(master: OpensshMaster, args: readonly string[]): Client {
  const { program, controlPath } = master;
  const own = ["-F", "none", "-S", controlPath];
  const options = ["ControlMaster=no", `ProxyCommand=${failingCommand}`, "BatchMode=yes"].flatMap((one) => [
    "-o",
    one,
  ]);
  // In a session of its own: Ctrl-C in our terminal must not reach it.
  const words = [...own, ...options, ...args];
  const child = spawn(program.command, words, { env: program.environment, detached: true });
  child.stdin.on("error", () => undefined);
  return { child, stdout: child.stdout.pipe(new PassThrough()) };
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
  return () => said;
}

/**
 * Starts one command. A command that a signal ended has the exit status 255: ssh does not tell which one.
 * @param feed gives it the beginning of its standard input.
 * @throws SessionRefused, Failure `channel-refused`, or that the connection is lost.
 */
export async function spawnThrough(
  master: OpensshMaster,
  command: string,
  feed: (stdin: Writable) => void,
): Promise<RemoteProcess> {
  const client = startClient(master, ["-v", "-T", "--", "master", command]);
  const { child, stdout } = client;
  feed(child.stdin);
  const report = readReport(child);
  const { stderr } = report;
  const allRead = Promise.all(
    [stdout, stderr].map((stream) => new Promise((resolve) => stream.once("close", resolve))),
  );
  const exited = new Promise<number | undefined>((resolve) =>
    child.once("close", (code) => resolve(code ?? undefined)),
  );
  const howItEnded = async (): Promise<RemoteProcessEnd> => {
    const code = await exited;
    await allRead;
    const failure = code === ownFailure || code === undefined ? await master.lost() : undefined;
    return failure ? { kind: "lost", failure } : { kind: "exited", code, signal: undefined };
  };
  const ended = howItEnded();
  await sessionOpen(client, report, master);
  return {
    stdin: child.stdin,
    stdout,
    stderr,
    ended,
    kill: () => {
      child.kill();
      // The master has the other ends, and keeps them until the command has noticed.
      child.once("exit", () => {
        for (const stream of [child.stdout, child.stderr, stdout, stderr]) stream.destroy();
      });
    },
  };
}

/**
 * Starts a subsystem; that the server has none of that name is told by its end.
 * @throws SessionRefused, Failure `channel-refused`, or that the connection is lost.
 */
export async function subsystemThrough(master: OpensshMaster, name: string): Promise<Duplex> {
  const client = startClient(master, ["-v", "-T", "-s", "--", "master", name]);
  const report = readReport(client.child);
  await sessionOpen(client, report, master);
  report.stderr.resume();
  return duplexOf(client);
}

/** What an `ssh -v` says of its session, apart from what the host says on standard error. */
interface Report {
  /** Of the host. */
  readonly stderr: Transform;
  /** Settles when the session is open. */
  readonly opened: Promise<void>;
  readonly hasOpened: () => boolean;
  /** What ssh said until then. */
  readonly said: () => string;
}

function readReport(child: ChildProcessWithoutNullStreams): Report {
  let before: Buffer | undefined = Buffer.alloc(0);
  let onOpened: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (onOpened = resolve));
  const said = (): string => before?.toString("latin1") ?? "";
  const stderr = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      if (before === undefined) {
        done(null, chunk);
        return;
      }
      before = Buffer.concat([before, chunk]);
      const text = said();
      if (!openedLine.test(text)) {
        done();
        return;
      }
      before = undefined;
      onOpened();
      const ofHost = text.replace(openedLine, "").replace(ownLines, "");
      if (ofHost === "") done();
      else done(null, Buffer.from(ofHost, "latin1"));
    },
  });
  child.stderr.pipe(stderr);
  return { stderr, opened, hasOpened: () => before === undefined, said };
}

/** Waits until the server has opened the session, or has not. */
async function sessionOpen(
  { child, stdout }: Client,
  { stderr, opened, hasOpened, said }: Report,
  master: OpensshMaster,
): Promise<void> {
  const over = new Promise<void>((resolve) => stderr.once("finish", resolve));
  await started(child, master);
  await Promise.race([opened, over]);
  if (hasOpened()) return;
  stdout.resume();
  stderr.resume();
  const failure = await master.lost();
  if (failure) throw failure;
  if (refusedByPeer.test(said())) throw new SessionRefused("MaxSessions");
  throw refused(master.host, said().trim().slice(-longestDiagnosis));
}

/**
 * Opens a stream to an address as seen from the host.
 * @throws Failure `channel-refused`, or that the connection is lost.
 */
export async function forwardThrough(master: OpensshMaster, host: string, port: number): Promise<Duplex> {
  const client = startClient(master, ["-v", "-W", hostPort(host, port), "--", "master"]);
  const { child, stdout } = client;
  const said = listenTo(child);
  await started(child, master);
  const isOpen = await new Promise<boolean>((resolve) => {
    child.stderr.on("data", () => opened.test(said()) && resolve(true));
    child.once("exit", () => resolve(opened.test(said())));
  });
  if (isOpen) return duplexOf(client);
  stdout.resume();
  const reason = /open failed: (.*)/.exec(said())?.[1]?.trim() ?? "";
  throw (await master.lost()) ?? refused(master.host, reason);
}

/** Asks the master for something that is done at once, such as a forward. */
export async function commandMaster(master: OpensshMaster, args: readonly string[]): Promise<void> {
  const { child, stdout } = startClient(master, [...args, "--", "master"]);
  const said = listenTo(child);
  stdout.resume();
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

function duplexOf({ child, stdout }: Client): Duplex {
  const stream = Duplex.from({ readable: stdout, writable: child.stdin });
  stream.on("error", () => undefined);
  stream.once("close", () => child.kill());
  return stream;
}
