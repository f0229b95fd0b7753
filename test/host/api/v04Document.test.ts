import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDocument, withoutDocuments } from "../../conformance/documents.js";
import { startTestApi, type TestApi } from "../../support/api.js";
import { canCheckPasswords } from "../../support/pam.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { ensureRunicorn, runicornVersions } from "../../support/runicorn/install.js";
import { projectRuns } from "../../support/runicorn/projectRuns.js";
import { basePython } from "../../support/runicorn/python.js";
import { sampleRuns } from "../../support/runicorn/sampleRuns.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

const run = promisify(execFile);

/** What the old clients were written by; empty where it is not here. */
const document = readDocument("ssh-sync-api-v0.4-deprecated.en.md");
if (withoutDocuments !== undefined) console.log(`Skipped: ${withoutDocuments}`);
const password = "correct horse";

/** The first Python program below a heading or a line of the document. */
function programAfter(mark: string): string {
  const from = document.indexOf(mark);
  const [, program = ""] = /```python\n([^]*?)```/.exec(document.slice(from)) ?? [];
  expect(program).not.toBe("");
  return program;
}

describe.skipIf(withoutDocuments !== undefined || !canCheckPasswords)(
  "the documentation of version 0.4",
  () => {
    let host: HostHome;
    let sshd: Sshd;
    let api: TestApi;
    beforeAll(async () => {
      host = await makeHostHome();
      await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
      await projectRuns(host.root, host.home);
      sshd = await startSshd({ home: host.home, password });
      api = await startTestApi();
      // The document's server accepted every host key by itself; ours asks, and is answered here once and for all.
      const asked = await api.request("POST", "/api/unified/connect", {
        host: "127.0.0.1",
        port: sshd.port,
        username: sshd.user,
        password,
      });
      expect(asked.status).toBe(409);
      await api.request("POST", "/api/remote/known-hosts/accept", asked.body.detail.host_key);
    });
    afterAll(async () => {
      await api.dispose();
      await sshd.stop();
      await host.dispose();
    });

    /** Runs a program of the document as it stands, but for the names of the places. */
    const runProgram = async (program: string): Promise<string> => {
      const placed = program
        .replaceAll("http://127.0.0.1:23300", api.server.url)
        .replaceAll("gpu-server.local", "127.0.0.1")
        .replaceAll("researcher", sshd.user)
        .replaceAll('"secret"', JSON.stringify(password))
        .replaceAll('"port": 22', `"port": ${sshd.port}`)
        .replaceAll("/data/runicorn", host.root)
        .replaceAll('"/data"', JSON.stringify(host.home))
        .replaceAll("time.sleep(10)", "time.sleep(3)");
      const packages = await ensureRunicorn(runicornVersions.newest);
      const { stdout } = await run(basePython().executable, ["-c", placed], {
        env: { PATH: process.env["PATH"], PYTHONPATH: packages, PYTHONIOENCODING: "utf-8", NO_PROXY: "*" },
      });
      return stdout;
    };

    it("has a complete workflow, which runs to its last line", async () => {
      const said = await runProgram(programAfter("## Complete Workflow Example"));
      expect(said).toContain("✓ Connected\n");
      expect(said).toContain("  📁 runs\n");
      expect(said).toContain("✓ Smart mode activated\n");
      expect(said).toContain("✓ Cached experiments: 8\n");
      expect(said).toContain("✓ Found 8 experiments\n");
      expect(said).toMatch(/^ {2}- \w+: (vision|language|tabular|image_classification)\/[\w-]+$/m);
      expect(said.trimEnd()).toMatch(/✓ Disconnected$/);
      const { body } = await api.request("GET", "/api/unified/status");
      expect(body).toMatchObject({ connection: { connected: false }, smart_mode: { active: false } });
    });

    it("has a directory browser, which lists the root and goes into a folder", async () => {
      const place = { host: "127.0.0.1", port: sshd.port, username: sshd.user, password, use_agent: false };
      expect((await api.request("POST", "/api/unified/connect", place)).status).toBe(200);
      const said = await runProgram(programAfter("**Python** (directory browser)"));
      expect(said).toContain(`Current: ${host.root}\n`);
      expect(said).toMatch(/^📁 image_classification /m);
      expect(said).toMatch(/^📁 runs /m);
      expect(said.match(/^Current: /gm)).toHaveLength(2);
    });
  },
);
