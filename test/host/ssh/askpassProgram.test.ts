import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../src/common/failure.js";
import { type Askpass, type AskpassQuestion, startAskpass } from "../../../src/ssh/openssh/askpass.js";

describe("the askpass program", () => {
  let askpass: Askpass;
  let folder: string;
  let questions: AskpassQuestion[];
  const errors: unknown[] = [];
  beforeEach(async () => {
    // Any byte that a path may hold, and short enough for a socket.
    folder = await mkdtemp(join(tmpdir(), 'it\'s "a" $(b)\n-'));
    questions = [];
    const answer = (question: AskpassQuestion): Promise<string | undefined> => {
      questions.push(question);
      if (question.prompt === "fail") return Promise.reject(new Cancelled());
      return Promise.resolve(question.prompt === "nothing" ? undefined : question.prompt);
    };
    askpass = await startAskpass(folder, answer, (error) => errors.push(error));
  });
  afterEach(async () => {
    await askpass.dispose();
    await rm(folder, { recursive: true });
  });

  const ask = (prompt: string, environment: NodeJS.ProcessEnv = {}) =>
    new Promise((resolve) => {
      const env = { PATH: process.env["PATH"], ...askpass.environment, ...environment };
      execFile(askpass.environment["SSH_ASKPASS"] ?? "", [prompt], { env }, (error, stdout, stderr) =>
        resolve(error ? { code: error.code, said: stdout + stderr } : stdout),
      );
    });
  const refused = { code: 1, said: "" };

  it("passes on any prompt and any answer", async () => {
    const odd = "it's '%s' \\ \"$HOME\" ü --help";
    expect(await ask(odd)).toBe(`${odd}\n`);
    expect(await ask("-x", { SSH_ASKPASS_PROMPT: "none", NODE_OPTIONS: "--inspect" })).toBe("-x\n");
    expect(questions).toEqual([
      { prompt: odd, hint: "", asker: process.pid },
      { prompt: "-x", hint: "none", asker: process.pid },
    ]);
    expect(await ask("two\nlines")).toEqual(refused);
    expect(await ask("nothing")).toEqual(refused);
    expect(await ask("fail")).toEqual(refused);
    expect(errors).toMatchObject([{ name: "Cancelled" }]);
  });

  it("is rejected without the token, with too long a prompt, or after the end", async () => {
    expect(await ask("one", { RUNICORN_ASKPASS_TOKEN: "0".repeat(64) })).toEqual(refused);
    expect(await ask("one", { RUNICORN_ASKPASS_TOKEN: "" })).toEqual(refused);
    expect(await ask("x".repeat(100_000))).toEqual(refused);
    await askpass.dispose();
    expect(await ask("one")).toEqual(refused);
    expect(questions).toEqual([]);
  });
});
