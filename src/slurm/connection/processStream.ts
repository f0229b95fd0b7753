import { Duplex } from "node:stream";
import type { RemoteProcess } from "../../ssh/model/connection.js";

/** Maximum characters kept of standard error. */
const longestOutput = 4_000;

/** Milliseconds for a command to exit after EOF: a killed step does not clean up. */
const endLimit = 2_000;

/** The standard streams of a command, as one duplex stream. */
export interface ProcessStream {
  readonly stream: Duplex;
  /** Standard error so far. */
  readonly said: () => string;
}

/** Ends with the command. Destroying the stream closes the command's input, and kills it if it does not exit. */
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
