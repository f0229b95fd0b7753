import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../support/api.js";
import { ensureNodeTools, ensurePythonTool } from "../support/generated/tools.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../support/sshd.js";

/** Clients that the generators of other people make of our openapi.json, and what somebody writes with them. */

const run = promisify(execFile);
let host: HostHome;
let server: Sshd;
let api: TestApi;
let folder: string;
let description: string;

beforeAll(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
  folder = await mkdtemp(join(tmpdir(), "generated-"));
  description = join(folder, "openapi.json");
}, 120_000);
afterAll(async () => {
  await server.stop();
  await host.dispose();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  api = await startTestApi();
  await writeFile(description, JSON.stringify((await api.request("GET", "/openapi.json")).body));
  return () => api.dispose();
});

const place = (): string =>
  JSON.stringify({
    host: "127.0.0.1",
    port: server.port,
    username: server.user,
    private_key_path: server.identityFile,
    root: host.root,
  });

const expected = {
  missing: ["body", "username"],
  asked: "unknown",
  trusted: true,
  connected: true,
  environment: "train",
  status: "running",
  listed: true,
  left: 0,
};

describe("from connect to stop, with a client that was made", () => {
  it("by openapi-python-client", async () => {
    const tool = await ensurePythonTool("openapi-python-client");
    const interpreter = join(tool, "bin", "python");
    const made = await run(interpreter, [
      ...[
        "-m",
        "openapi_python_client",
        "generate",
        "--path",
        description,
        "--output-path",
        join(folder, "made"),
      ],
      ...["--overwrite", "--meta", "none"],
    ]);
    // What it cannot make anything of, it leaves out, and says so.
    expect(made.stdout + made.stderr).not.toMatch(/WARNING parsing|will not be generated|Invalid property/);
    const { stdout } = await run(
      interpreter,
      [resolve("test/conformance/generatedClient.py"), api.server.url, place()],
      { env: { PATH: process.env["PATH"], PYTHONPATH: folder }, timeout: 60_000 },
    );
    expect(JSON.parse(stdout)).toEqual(expected);
  }, 180_000);

  it("by openapi-typescript, which the compiler takes without a doubt", async () => {
    const tools = await ensureNodeTools();
    const project = join(folder, "project");
    await mkdir(project);
    await symlink(join(tools, "node_modules"), join(project, "node_modules"));
    await writeFile(join(project, "package.json"), '{"type": "module"}');
    await copyFile("test/conformance/generatedClient.ts.txt", join(project, "client.ts"));
    const bin = (program: string): string => join(tools, "node_modules", ".bin", program);
    await run(bin("openapi-typescript"), [description, "--output", join(project, "made.ts")]);
    const strict = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"];
    const node = [
      "--target",
      "es2023",
      "--module",
      "nodenext",
      "--typeRoots",
      resolve("node_modules/@types"),
      "--types",
      "node",
    ];
    const compiled = await run(bin("tsc"), ["--outDir", "out", ...strict, ...node, "client.ts"], {
      cwd: project,
    }).catch((error: unknown) => error as { stdout: string });
    expect(compiled.stdout).toBe("");
    const { stdout } = await run(process.execPath, ["out/client.js", api.server.url, place()], {
      cwd: project,
      timeout: 60_000,
    });
    expect(JSON.parse(stdout)).toEqual(expected);
  }, 180_000);
});
