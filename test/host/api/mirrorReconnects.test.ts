import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { type FaultyLink, openFaultyLink } from "../../support/faultyLink.js";
import { it } from "../../support/hostTest.js";
import { differences } from "../../support/rsync.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

describe("a mirror of a client that named a key", () => {
  let sshd: Sshd;
  let link: FaultyLink;
  let api: TestApi;
  let root: string;
  it.beforeAll(async ({ server, strangerApi }) => {
    [sshd, api] = [server, strangerApi];
    link = await openFaultyLink(sshd.port);
    root = join(sshd.home, "root");
    await mkdir(join(root, "runs", "a", "1"), { recursive: true });
    await writeFile(join(root, "runs", "a", "1", "events.jsonl"), "one\n");
  });
  afterAll(() => link.close());

  it("goes on with that key when the link was lost, and forgets it when nothing needs it", async () => {
    const place = {
      host: "127.0.0.1",
      port: link.port,
      username: sshd.user,
      private_key_path: sshd.identityFile,
      use_agent: false,
    };
    const asked = await api.request("POST", "/api/unified/connect", place);
    await api.request("POST", "/api/remote/known-hosts/accept", asked.body.detail.host_key);
    await api.request("POST", "/api/unified/connect", place);
    const body = { mode: "mirror", remote_root: root, mirror_interval: 0.1 };
    expect((await api.request("POST", "/api/unified/configure_mode", body)).status).toBe(200);
    const [sync] = await api.app.syncs.list();
    const copy = api.app.syncs.folder(sync?.id ?? "");
    for (let loss = 0; loss < 2; loss += 1) {
      await until("it is as the host", async () => (await differences(root, copy)).length === 0);
      link.cut();
      await appendFile(join(root, "runs", "a", "1", "events.jsonl"), `after loss ${loss}\n`);
    }
    await until("it is as the host again", async () => (await differences(root, copy)).length === 0);
    await api.request("POST", "/api/unified/deactivate_mode", { mode: "mirror" });
    link.cut();
    await until("the connection is lost", () => api.app.connections.all.length === 0);
    expect(api.app.connections.isKnown(sync?.connectionId ?? "")).toBe(false);
  });
});
