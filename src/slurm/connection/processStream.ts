import { Duplex } from "node:stream";
import type { RemoteProcess } from "../../ssh/model/connection.js";

/** Characters kept of what a command says. */
const longestOutput = 4_000;

/** Milliseconds that a command has to end by itself once its input has: a step that is killed removes nothing. */
const endLimit = 2_000;

/** The standard streams of a command as a way to somewhere. */
export interface ProcessStream {
  readonly stream: Duplex;
  /** What it said on standard error so far. */
  readonly said: () => string;
}

/** Ends with the command; destroying the stream ends its input, and then the command. */
export function processStream(process: RemoteProcess): ProcessStream {
  const { stdin, stdout, stderr, ended } = process;
  let said = "";
  stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-longestOutput)));
  const stream = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, () => done()),
    final: (done) => void stdin.end(done),
    destroy: (error, done) => {
      stdin.end();
      const timer = setTimeout(() => process.kill(), endLimit);
      void ended.then(() => clearTimeout(timer));
      done(error);
    },
  });
  stdin.on("error", () => undefined);
  stdout.on("data", (chunk: Buffer) => {
    if (!stream.push(chunk)) stdout.pause();
  });
  void ended.then(() => {
    stream.push(null);
    stream.destroy();
  });
  return { stream, said: () => said };
}
