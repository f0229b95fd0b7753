import { randomBytes } from "node:crypto";
import * as z from "zod";
import { Failure, orCancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { startScript } from "../../ssh/channel/script.js";
import type { Connection, RemoteProcess } from "../../ssh/model/connection.js";
import type { PythonEnvironment } from "../environment.js";
import type { EnvironmentFailure } from "../failures.js";
import afterLinesScript from "../lines/afterLines.sh";
import { callAfterLines, linesFailure } from "../lines/runAfterLines.js";
import installProgram from "./installPackages.py";
import installScript from "./installPackages.sh";

const version = z.string().max(40);
const answer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("platform"),
    has_pip: z.boolean(),
    python: version,
    implementation: version,
    system: version,
    machine: version,
    glibc: version,
    musl: version,
    mac: version,
  }),
  z.object({ kind: z.literal("said"), text: z.string() }),
  z.object({ kind: z.literal("missing"), requirement: z.string().max(300) }),
  z.object({ kind: z.literal("done"), code: z.number(), output: z.string() }),
]);
type Answer = z.infer<typeof answer>;
type Platform = Extract<Answer, { kind: "platform" }>;
type Verdict = Extract<Answer, { kind: "missing" | "done" }>;

/** Bytes of a line: output of pip arrives in chunks of 64 KiB, up to six bytes in JSON for each. */
const longestLine = 1024 * 1024;
/** Characters kept from the end of standard error when the program gives no answer. */
const outputLength = 2_000;
/** Maximum number of unread answers: the first one comes unasked. */
const mostWaiting = 2;
/** Milliseconds for the clean-up on the host. */
const closePatience = 10_000;

/** A wheel, by its file name; `size` in bytes. */
export interface PackageFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** The pip of an environment on the host. It installs the packages that it is sent. */
export interface HostPip {
  readonly platform: Platform;
  /** Sends files; `read` must write all bytes of one. Failures on the host are reported by `answer`. */
  send(
    files: readonly PackageFile[],
    read: (name: string, write: (bytes: Buffer) => Promise<void>) => Promise<void>,
  ): Promise<void>;
  /** Returns the result. @throws Failure `runicorn-install-failed` if there is none, or an `SshFailure`; Cancelled. */
  answer(): Promise<Verdict>;
  /** Ends the program, which removes its temporary files. Resolves when it has ended, or is killed after a time limit. */
  close(): Promise<void>;
}

/** @throws Failure `lines-failed`, or as `answer` does. */
export async function openHostPip(
  connection: Connection,
  { python, name }: PythonEnvironment,
  lines: readonly string[],
  signal: AbortSignal,
  onOutput: ((text: string) => void) | undefined,
): Promise<HostPip> {
  const tag = randomBytes(12).toString("hex");
  const own = { script: installScript, args: [python, installProgram, tag], lines };
  const before = callAfterLines(own);
  const process = await (lines.length === 0
    ? startScript(connection, installScript, own.args, signal)
    : startScript(connection, afterLinesScript, before.call, signal));
  let said = Buffer.alloc(0);
  process.stderr.on("data", (bytes: Buffer) => (said = Buffer.concat([said, bytes]).subarray(-64 * 1024)));
  process.stdin.on("error", () => undefined);
  const answers = answersOf(process, tag, (text) => onOutput?.(text));
  const next = async (): Promise<Exclude<Answer, { kind: "said" }>> => {
    const found = await orCancelled(answers.next(), signal);
    if (found) return found;
    const end = await process.ended;
    if (end.kind === "lost") throw end.failure;
    const all = { output: answers.heard(), stderr: said };
    const didStart = lines.length === 0 || all.output.includes(`<<${before.tag}\n`);
    if (!didStart) throw linesFailure(connection.target.host, before.tag, lines, all);
    const output = displayText(said.toString("utf8").trim().slice(-outputLength));
    throw new Failure<EnvironmentFailure>({ code: "runicorn-install-failed", environment: name, output });
  };
  const close = async (): Promise<void> => {
    process.stdin.end();
    const timer = setTimeout(() => process.kill(), closePatience);
    await process.ended;
    clearTimeout(timer);
  };
  try {
    const platform = await next();
    if (platform.kind !== "platform")
      throw new Failure<EnvironmentFailure>({
        code: "runicorn-install-failed",
        environment: name,
        output: "",
      });
    return {
      platform,
      send: async (files, read) => {
        const write = (bytes: Buffer | string): Promise<void> => orCancelled(written(process, bytes), signal);
        await write(`${JSON.stringify({ files })}\n`);
        for (const file of files) await read(file.name, write);
      },
      answer: async () => {
        const verdict = await next();
        if (verdict.kind !== "platform") return verdict;
        throw new Failure<EnvironmentFailure>({
          code: "runicorn-install-failed",
          environment: name,
          output: "",
        });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when the bytes are flushed, or the process has ended. */
async function written({ stdin, ended }: RemoteProcess, bytes: Buffer | string): Promise<void> {
  const taken = new Promise<void>((resolve) => stdin.write(bytes, () => resolve()));
  await Promise.race([taken, ended]);
}

/** Parses the lines with our tag, and passes on pip's output. */
function answersOf({ stdout }: RemoteProcess, tag: string, onOutput: (text: string) => void) {
  const waiting: Exclude<Answer, { kind: "said" }>[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  let rest = Buffer.alloc(0);
  let first = Buffer.alloc(0);
  const hear = (line: string): void => {
    if (!line.startsWith(`${tag} `)) return;
    const read = answer.safeParse(parseJson(line.slice(tag.length + 1))).data;
    if (read?.kind === "said") onOutput(read.text);
    // One answer per question; drop anything beyond that, which must not use memory.
    else if (read && waiting.length < mostWaiting) waiting.push(read);
    wake();
  };
  stdout.on("data", (bytes: Buffer) => {
    first = Buffer.concat([first, bytes]).subarray(0, 200);
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      hear(rest.toString("utf8", 0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > longestLine) rest = Buffer.alloc(0);
  });
  const finish = (): void => {
    isOver = true;
    wake();
  };
  stdout.once("end", finish).once("close", finish);
  return {
    /** Returns the first bytes of standard output. */
    heard: () => first,
    /** @returns undefined at EOF. */
    next: async (): Promise<Exclude<Answer, { kind: "said" }> | undefined> => {
      while (waiting.length === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      return waiting.shift();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
