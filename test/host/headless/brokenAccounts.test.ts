import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../../support/api.js";
import {
  brokenAccounts as table,
  type BrokenServer,
  startBrokenServer,
} from "../../support/brokenAccounts.js";
import { noOtherAccount } from "../../support/otherAccount.js";

describe.skipIf(noOtherAccount !== undefined)(
  `an account where no command can be run${noOtherAccount === undefined ? "" : ` (${noOtherAccount})`}`,
  () => {
    let broken: BrokenServer;
    let api: TestApi;
    let data: string;

    beforeAll(async () => {
      broken = await startBrokenServer(table);
      data = await mkdtemp(join(tmpdir(), "data-"));
      api = await startTestApi();
      const { server } = broken;
      await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
    });
    afterAll(async () => {
      await api.dispose();
      await broken.dispose();
      await rm(data, { recursive: true });
    });

    const inTerminal = async (user: string): Promise<string[]> => {
      const { port, identityFile, hostKey } = broken.server;
      const options = ["-i", identityFile, "--data", data, "--accept-host-key", hostKey.fingerprint];
      const args = ["dist/headless.js", "envs", `${user}@127.0.0.1:${port}`, ...options];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk) => (said += String(chunk)));
      expect(await once(child, "close")).toEqual([1, null]);
      const lines = said.trim().split("\n");
      // PAM may tell something as a banner, which stands before the failure.
      const isNotice = (line: string): boolean => line.endsWith(" says:") || line.startsWith("  | ");
      return lines.slice(lines.findIndex((line) => !isNotice(line)));
    };

    /** Undefined where the connection is gone already. */
    const overRest = async (user: string): Promise<string | undefined> => {
      const { port, identityFile } = broken.server;
      const login = { host: "127.0.0.1", port, username: user };
      const body = { ...login, private_key_path: identityFile, use_agent: false };
      const connected = await api.request("POST", "/api/remote/connect", body);
      expect(connected.body).toMatchObject({ connected: true });
      const { connection_id: id } = connected.body as { readonly connection_id: string };
      const answer = await api.request("GET", `/api/remote/conda-envs?connection_id=${id}`);
      if (answer.status === 404) return undefined;
      expect(answer.status).toBe(500);
      return (answer.body as { readonly detail: string }).detail;
    };

    it.each(table)("tells the cause: $name", async ({ name, first, below = first, endsConnection }) => {
      const user = broken.users.get(name) ?? "";
      const [line = "", ...more] = await inTerminal(user);
      expect(line).toMatch(first);
      if (below !== first) expect(more.join("\n")).toMatch(below);
      const detail = await overRest(user);
      if (!endsConnection || detail !== undefined) {
        expect(detail).toMatch(first);
        expect(detail).toMatch(below);
      }
      expect(`${line} ${more.join(" ")} ${detail ?? ""}`).not.toMatch(
        /did not run our script|<<[0-9a-f]{24}/,
      );
    });
  },
);
