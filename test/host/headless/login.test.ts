import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeAgent } from "../../support/fakeAgent.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

let server: Sshd;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "login-"));
  await writeFile(
    join(folder, "banner"),
    "To authenticate, visit:\n\thttps://login.example/a/1f2e\n\u001b[2J\n",
  );
  server = await startSshd({ config: [`Banner ${join(folder, "banner")}`] });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function envs(environment: NodeJS.ProcessEnv, ...options: string[]): ChildProcess {
  const at = `${server.user}@127.0.0.1:${server.port}`;
  const key = ["--accept-host-key", server.hostKey.fingerprint, "--data", folder];
  return spawn(process.execPath, ["dist/headless.js", "envs", at, ...key, ...options], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...environment },
  });
}

describe("the terminal program", () => {
  it("shows messages of a server during login", async () => {
    const child = envs({}, "-i", server.identityFile);
    let said = "";
    child.stderr?.on("data", (chunk) => (said += String(chunk)));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(said.split("\n")).toEqual([
      `${server.user}@127.0.0.1 says:`,
      "  | To authenticate, visit:",
      "  | https://login.example/a/1f2e",
      "  | \\x1b[2J",
      "",
    ]);
  });

  it("ends after Ctrl-C though an agent still has a question open", async () => {
    const socket = join(folder, "agent");
    const agent = await startFakeAgent(socket, await readFile(`${server.identityFile}.pub`, "utf8"));
    const child = envs({ SSH_AUTH_SOCK: socket });
    await agent.asked;
    const started = Date.now();
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(Date.now() - started).toBeLessThan(10_000);
    await agent.stop();
  });
});
