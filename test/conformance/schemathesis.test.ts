import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../support/api.js";
import { ensurePythonTool } from "../support/generated/tools.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../support/sshd.js";

/**
 * Schemathesis makes requests of our openapi.json, right ones and wrong ones, and compares what comes with what is said
 * there. Here they are the same each time. The long form makes others, for five minutes: npm run test:schemathesis
 */

const run = promisify(execFile);
/** 0: as many requests as it takes to try each field once with what is at its bounds, and one more of each operation. */
const seconds = Number(process.env["SCHEMATHESIS_SECONDS"] ?? 0);
const seed = process.env["SCHEMATHESIS_SEED"] ?? "1";
const few = ["--phases", "coverage,fuzzing", "--max-examples", "1"];
const many = ["--phases", "examples,coverage,fuzzing,stateful", "--max-time", String(seconds)];
/** Seconds that a busy machine may take for the few, which take 18 s of a processor. */
const longest = 240;

let host: HostHome;
let server: Sshd;
let api: TestApi;
let folder: string;
let tool: string;
/** Minutes that have passed for the limits of version 0.4: none of its requests is one too many. */
let minutes = 0;

beforeAll(async () => {
  tool = await ensurePythonTool("schemathesis");
  host = await makeHostHome();
  server = await startSshd({ home: host.home, config: ["MaxStartups 100"] });
  folder = await mkdtemp(join(tmpdir(), "schemathesis-"));
  api = await startTestApi({ clock: () => performance.now() + (minutes += 1) * 60_000 });
  // No request leads to another machine, whatever it names.
  const config = ["Host *", "  HostName 127.0.0.1", "  ConnectTimeout 2", ""];
  await writeFile(join(api.home, ".ssh", "config"), config.join("\n"));
  await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
}, 240_000);
afterAll(async () => {
  await api.dispose();
  await server.stop();
  await host.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Values that lead to the host. No root that is there: each viewer takes seconds. */
async function rig(): Promise<object> {
  const login = {
    host: "127.0.0.1",
    port: server.port,
    username: server.user,
    auth_method: "key",
    private_key_path: server.identityFile,
    ...{ password: null, private_key: null, private_key_content: null, pkey: null, pkey_path: null },
  };
  const { body } = await api.request("POST", "/api/remote/connect", login);
  return {
    login,
    values: {
      connection_id: [`${server.user}@127.0.0.1:${server.port}`, body.connection_id],
      conda_env: ["train", "plain", "system"],
      env_name: ["train", "plain"],
      path: ["~", "/tmp", "/no/such"],
      remote_root: ["/no/such", "~/none"],
    },
    kept: ["POST /api/remote/disconnect", "DELETE /api/remote/connections/{connection_id}"],
  };
}

interface Report {
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly errors: readonly unknown[];
  readonly operations: { readonly selected: number; readonly tested: number };
  readonly test_cases: { readonly generated: number };
}

describe(`Schemathesis with the seed ${seed}`, () => {
  it(
    "finds no mistake of ours, no wrong request that is taken and no right one that is refused",
    async () => {
      const report = join(folder, "report.json");
      const options = [
        ...(seconds > 0 ? many : few),
        ...["--seed", seed, "--continue-on-failure", "--generation-database", "none"],
        ...["--warnings", "off", "--no-color", "--report", "json", "--report-json-path", report],
      ];
      const interpreter = join(tool, "bin", "python");
      const address = `${api.server.url}/openapi.json`;
      const { stdout } = await run(interpreter, ["-m", "schemathesis.cli", "run", address, ...options], {
        cwd: folder,
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          PYTHONPATH: resolve("test/conformance"),
          PYTHONDONTWRITEBYTECODE: "1",
          SCHEMATHESIS_HOOKS: "schemathesisHooks",
          RIG: JSON.stringify(await rig()),
        },
        maxBuffer: 100_000_000,
      }).catch((error: unknown) => error as { stdout: string });
      const found = JSON.parse(await readFile(report, "utf8")) as Report;
      const { operations, test_cases: cases } = found;
      console.log(`Schemathesis: ${cases.generated} requests, ${operations.tested} operations`);
      const { failures, errors } = found;
      expect({ failures, errors }, stdout.slice(0, 20_000)).toEqual({ failures: [], errors: [] });
      expect(operations.tested).toBe(operations.selected);
      expect(cases.generated).toBeGreaterThan(1_000);
      expect(api.log.filter((line) => /^api: (\w*Error|something)/.test(line))).toEqual([]);
    },
    (seconds + longest) * 1000,
  );
});
