import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { sameBytes } from "../../common/text/sameBytes.js";
import askpassProgram from "./askpass.sh";

/** What ssh asks; the text may hold names that somebody else chose. */
export interface AskpassQuestion {
  readonly prompt: string;
  /** SSH_ASKPASS_PROMPT: `none` is a notice that stays until ssh ends it, `confirm` wants yes or no. */
  readonly hint: string;
  /** Process id of the ssh that asks. */
  readonly asker: number;
}

/**
 * @param gone aborts when ssh does not wait any more.
 * @returns undefined where there is no answer.
 */
export type AskpassAnswerer = (question: AskpassQuestion, gone: AbortSignal) => Promise<string | undefined>;

export interface Askpass {
  /** Lets an ssh (8.4 or newer) ask us; nothing that anybody answers is in it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Stops answering. */
  dispose(): Promise<void>;
}

/** Bytes of a question; what is longer is not answered. */
const longestQuestion = 8 * 1024;

/**
 * Answers the prompts of an ssh. ssh starts our SSH_ASKPASS program, which sends each prompt over a socket in a private
 * folder; prompts without the right token are ignored.
 * @param folder mode 0700.
 * @param onError hears of a question that could not be asked, e.g. Cancelled; one that ssh withdrew is none.
 */
export async function startAskpass(
  folder: string,
  answer: AskpassAnswerer,
  onError: (error: unknown) => void,
): Promise<Askpass> {
  const [program, path] = [join(folder, "askpass.sh"), join(folder, "a")];
  const token = randomBytes(32).toString("hex");
  const sockets = new Set<Socket>();
  const serve = async (socket: Socket): Promise<void> => {
    const gone = new AbortController();
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      gone.abort();
    });
    try {
      const question = questionOf(await firstLine(socket), token);
      const text = question && (await answer(question, gone.signal));
      // A line is all that ssh reads.
      if (text !== undefined && !/[\r\n\0]/.test(text)) socket.write(`${text}\n`);
    } catch (error) {
      if (!gone.signal.aborted) onError(error);
    } finally {
      socket.end();
    }
  };
  await writeFile(program, askpassProgram, { mode: 0o700 });
  // The other side ends when it is killed; ours stays open until the answer is there.
  const server = createServer((socket) => void serve(socket));
  server.listen(path);
  await once(server, "listening");
  return {
    environment: {
      SSH_ASKPASS: program,
      SSH_ASKPASS_REQUIRE: "force",
      RUNICORN_ASKPASS_NODE: process.execPath,
      RUNICORN_ASKPASS_SOCKET: path,
      RUNICORN_ASKPASS_TOKEN: token,
    },
    dispose: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Empty where none comes. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text = (text + chunk).slice(0, longestQuestion);
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length === longestQuestion) resolve("");
    });
    socket.once("close", () => resolve(""));
  });
}

function questionOf(line: string, token: string): AskpassQuestion | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { token: given, prompt, hint, asker } = (said ?? {}) as Record<string, unknown>;
  if (typeof given !== "string" || !sameBytes(Buffer.from(given), Buffer.from(token))) return undefined;
  if (typeof prompt !== "string" || typeof hint !== "string" || typeof asker !== "number") return undefined;
  return { prompt, hint, asker };
}
