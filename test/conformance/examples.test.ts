import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../support/api.js";
import { finish } from "../support/finish.js";
import { makeEnvironment } from "../support/runicorn/environments.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import {
  type Block,
  blocksOf,
  endpointsOf,
  missingFields,
  readDocument,
  sampleAnswer,
  type Section,
  withoutDocuments,
} from "./documents.js";

/*
 * The documents' own clients and examples, taken from the documents as they are, against real sshd and real Runicorn.
 * Filled in is only what differs from machine to machine: ports, the user, the storage root, the connection's id.
 */

let host: HostHome;
let server: Sshd;
let api: TestApi;
let folder: string;
let python: string;

beforeAll(async () => {
  if (withoutDocuments !== undefined) return;
  host = await makeHostHome();
  await makeEnvironment(join(host.home, "venvs", "pytorch-env"), runicornVersions.newest);
  await mkdir(join(host.home, "runicorn_data"));
  server = await startSshd({ home: host.home });
  api = await startTestApi();
  const names = ["gpu-server.com", "gpu-server-01.com", "gpu-server-02.com"];
  const config = names.map((name) => `Host ${name}\n  HostName 127.0.0.1\n`).join("");
  await writeFile(join(api.home, ".ssh", "config"), config);
  await copyFile(server.identityFile, join(api.home, ".ssh", "id_rsa"));
  await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
  folder = await mkdtemp(join(tmpdir(), "examples-"));
  // Runicorn brings the HTTP library that the examples use.
  python = join(host.home, "venvs", "train", "bin", "python");
});
afterAll(async () => {
  if (withoutDocuments !== undefined) return;
  await api.dispose();
  await server.stop();
  await host.dispose();
  await rm(folder, { recursive: true });
});

/** What a user of the example would fill in. */
function filledIn(text: string, connectionId = "conn_1a2b3c4d"): string {
  return text
    .replaceAll("23300", String(api.server.port))
    .replaceAll(/\b22\b/g, String(server.port))
    .replaceAll("mluser", server.user)
    .replaceAll("/data/experiments", host.root)
    .replaceAll("conn_1a2b3c4d", connectionId);
}

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, args: readonly string[], input = ""): Promise<Ended> {
  const child = spawn(program, args, { cwd: folder, stdio: "pipe", env: { ...process.env, no_proxy: "*" } });
  child.stdin.end(input);
  return finish(child);
}

let count = 0;
async function runBlock({ language, text }: Block, connectionId?: string): Promise<Ended> {
  const code = filledIn(text, connectionId);
  if (language === "bash") return run("sh", ["-c", code.replaceAll("curl ", "curl -sS ")]);
  count += 1;
  const file = join(folder, `example-${count}.${language === "python" ? "py" : "mjs"}`);
  await writeFile(file, code);
  return run(language === "python" ? python : process.execPath, [file], "\n");
}

const connectBody = () => ({
  host: "gpu-server.com",
  port: server.port,
  username: server.user,
  auth_method: "key",
  private_key_path: "~/.ssh/id_rsa",
});

/** Examples that need what another one made, or take it away, run in an order that makes sense. */
const order = [
  /connect$/,
  /sessions$/,
  /environments|config|conda/,
  /viewer\/start/,
  /viewer\/status|viewer\/logs|connections$/,
  /viewer\/stop/,
  /disconnect|connections\/\{/,
];
const rank = ({ title }: Section): number => order.findIndex((pattern) => pattern.test(title));

describe.skipIf(withoutDocuments !== undefined)("the examples of each endpoint", () => {
  describe.each([
    ["0.5", "remote-viewer-api-v0.5.zh.md"],
    ["0.6", "remote-viewer-api-v0.6.en.md"],
  ])("of version %s", (_version, file) => {
    const sections = endpointsOf(readDocument(file)).sort((a, b) => rank(a) - rank(b));
    it.each(["bash", "python", "javascript"])("in %s", async (language) => {
      const id = (await api.request("POST", "/api/remote/connect", connectBody())).body
        .connection_id as string;
      const before = api.shown.length;
      const ran: string[] = [];
      for (const section of sections) {
        const block = section.blocks.find(
          (one) => one.language === language && /curl |requests\.|fetch\(/.test(one.text),
        );
        if (!block) {
          // What has no example in this language is made or taken away all the same.
          const body = { connection_id: id };
          if (/viewer\/stop/.test(section.title)) await api.request("POST", "/api/remote/viewer/stop", body);
          continue;
        }
        const ended = await runBlock(block, id);
        expect(ended, section.title).toMatchObject({ status: 0 });
        ran.push(section.title);
        if (language !== "bash") continue;
        const answer = JSON.parse(ended.stdout) as Record<string, unknown>;
        expect(answer["detail"] ?? answer["error"], section.title).toBeUndefined();
        expect(missingFields(sampleAnswer(section), answer), section.title).toEqual([]);
      }
      expect(ran.length).toBeGreaterThan(0);
      if (ran.includes("POST /api/remote/viewer/start")) expect(api.shown.length).toBeGreaterThan(before);
      await api.request("POST", "/api/remote/disconnect", connectBody());
      expect(api.app.viewers.sessions).toEqual([]);
    });
  });
});

describe.skipIf(withoutDocuments !== undefined)("the client classes of version 0.6", () => {
  const blocks = blocksOf(readDocument("remote-viewer-api-v0.6-examples.zh.md"));
  const find = (language: string, mark: string): Block => {
    const block = blocks.find((one) => one.language === language && one.text.includes(mark));
    if (!block) throw new Error(`the document has no ${language} with ${mark}`);
    return block;
  };

  it("in Python, with its examples: basic use, choosing an environment, several servers, errors", async () => {
    const { text } = find("python", "class RunicornRemoteClient");
    await writeFile(join(folder, "runicorn_remote_client.py"), filledIn(text));
    const basic = await runBlock(find("python", "get_viewer_session(session_id=session_id)\n    print"));
    expect(basic, basic.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(basic.stdout).toContain(`${server.user}@gpu-server.com:${server.port}`);
    expect(basic.stdout).toMatch(/http:\/\/localhost:\d+/);
    expect(basic.stdout).toContain("running");

    const best = await runBlock(find("python", "def select_best_environment"));
    expect(best, best.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(best.stdout).toMatch(/pytorch-env[\s\S]*Python 3[\s\S]*http:\/\/localhost:\d+/);

    const many = await writeExample(find("python", "def manage_multiple_servers"), "l\nq\n");
    expect(many, many.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(many.stdout).toContain("gpu-server-02.com");

    const errors = await runBlock(find("python", "def safe_connect_and_start"));
    expect(errors, errors.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(errors.stdout).toMatch(/http:\/\/localhost:\d+/);
    await api.request("POST", "/api/remote/disconnect", connectBody());
  });

  async function writeExample({ text }: Block, input: string): Promise<Ended> {
    const file = join(folder, "interactive.py");
    await writeFile(file, filledIn(text));
    return run(python, [file], input);
  }

  it("in JavaScript, with its example", async () => {
    const { text } = find("javascript", "class RunicornRemoteClient");
    await writeFile(join(folder, "client.mjs"), filledIn(text));
    const example = find("javascript", "new RunicornRemoteClient()");
    const code = `import RunicornRemoteClient from "./client.mjs";\n${example.text}`;
    const ended = await runBlock({ language: "javascript", text: code });
    expect(ended, ended.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(ended.stdout).toContain("- train: Python Python 3");
    expect(ended.stdout).toContain("running");
    expect(api.app.connections.all).toEqual([]);
    expect(api.app.viewers.sessions).toEqual([]);
  });
});

if (withoutDocuments !== undefined) it.skip(withoutDocuments, () => undefined);
