import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../../support/api.js";
import { ordinaryShell } from "../../support/ordinaryShell.js";
import { differences } from "../../support/rsync.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const run = "runs/vision/resnet/20260101_000000_aaaaaa";

describe("version 0.4 keeps a host's runs here", () => {
  let sshd: Sshd;
  let api: TestApi;
  let root: string;
  const place = () => ({
    host: "127.0.0.1",
    port: sshd.port,
    username: sshd.user,
    private_key_path: sshd.identityFile,
    use_agent: false,
  });
  beforeAll(async () => {
    sshd = await startSshd({ shell: ordinaryShell });
    root = join(sshd.home, "root");
    await mkdir(join(root, run), { recursive: true });
    await mkdir(join(root, "artifacts/model/resnet/v1"), { recursive: true });
    await writeFile(
      join(root, run, "meta.json"),
      '{"id": "a", "project": "p", "name": "n", "created_at": 1.5}',
    );
    await writeFile(join(root, run, "status.json"), '{"status": "running", "started_at": 2.5}');
    await writeFile(join(root, run, "logs.txt"), "one\n");
    api = await startTestApi();
    const asked = await api.request("POST", "/api/unified/connect", place());
    await api.request("POST", "/api/remote/known-hosts/accept", asked.body.detail.host_key);
  });
  afterAll(async () => {
    await api.dispose();
    await sshd.stop();
  });
  const status = async () => (await api.request("GET", "/api/unified/status")).body;

  it("only where it is connected", async () => {
    const answer = await api.request("POST", "/api/unified/configure_mode", {
      mode: "smart",
      remote_root: root,
    });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("deprecation")).toBe("true");
    expect(await status()).toMatchObject({
      connection: { connected: false },
      smart_mode: { active: false },
      mirror_mode: { active: false },
      cached_experiments: 0,
      modes: { smart: { active: false }, mirror: { active: false, tasks: [] } },
    });
  });

  it("in smart mode", async () => {
    await api.request("POST", "/api/unified/connect", place());
    const body = { mode: "smart", remote_root: root, auto_sync: true, sync_interval_minutes: 5 };
    const answer = await api.request("POST", "/api/unified/configure_mode", body);
    expect(answer.body).toEqual({
      ok: true,
      mode: "smart",
      remote_root: root,
      message: "Smart mode configured successfully",
      config: { remote_root: root, auto_sync: true, sync_interval_minutes: 5, sync_interval_seconds: 300 },
    });
    await until("synchronised", async () => typeof (await status()).smart_mode.last_sync_at === "number");
    const now = await status();
    expect(now).toMatchObject({
      smart_mode: { active: true, remote_root: root, auto_sync: true, sync_interval_minutes: 5 },
      mirror_mode: { active: false },
      cached_experiments: 1,
      cached_artifacts: 1,
      modes: { smart: { active: true, remote_root: root } },
    });
    expect(now.smart_mode.next_sync_at - now.smart_mode.last_sync_at).toBeCloseTo(300, 0);
    expect((await api.request("GET", "/api/runs")).body).toMatchObject([
      {
        id: "20260101_000000_aaaaaa",
        project: "p",
        name: "n",
        path: "vision/resnet",
        created_time: 1.5,
        start_time: 2.5,
        status: "running",
        pid: null,
        best_metric_name: null,
        alias: null,
        tags: [],
        assets_count: 0,
      },
    ]);
  });

  it("in mirror mode, which really mirrors", async () => {
    const body = { mode: "mirror", remote_root: root, mirror_interval: 0.1 };
    expect((await api.request("POST", "/api/unified/configure_mode", body)).body).toMatchObject({
      ok: true,
      mode: "mirror",
      config: { remote_root: root, mirror_interval: 0.1 },
    });
    const [one] = (await api.request("GET", "/api/runs")).body;
    const log = join(one.run_dir, "logs.txt");
    const copied = (): Promise<string> => readFile(log, "utf8").catch(() => "");
    await until("the log is here", async () => (await copied()) === "one\n");
    await appendFile(join(root, run, "logs.txt"), "two\n");
    await until("the log grew here", async () => (await copied()) === "one\ntwo\n");
    expect(await status()).toMatchObject({
      smart_mode: { active: false },
      mirror_mode: { active: true, remote_root: root, mirror_interval: 0.1, stats: { last_error: null } },
    });
  });

  it("until the mode is deactivated", async () => {
    expect(
      (await api.request("POST", "/api/unified/deactivate_mode", { mode: "mirror" })).body,
    ).toMatchObject({
      ok: true,
      mode: "mirror",
    });
    expect((await status()).mirror_mode).toEqual({ active: false });
    expect((await api.request("GET", "/api/runs")).body).toHaveLength(1);
  });

  it("not when the root is missing or no root", async () => {
    const configure = (remote_root: string) =>
      api.request("POST", "/api/unified/configure_mode", { mode: "smart", remote_root });
    expect(await configure(join(root, "nowhere"))).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining("does not exist") },
    });
    expect((await configure("relative")).status).toBe(404);
    const malformed = await api.request("POST", "/api/unified/configure_mode", {
      mode: "fast",
      remote_root: root,
    });
    expect(malformed.status).toBe(422);
    expect(JSON.stringify(malformed.body)).not.toContain("fast");
  });

  it("ten times a minute at most", async () => {
    let last;
    for (let turn = 0; turn < 11; turn += 1) {
      last = await api.request("POST", "/api/unified/configure_mode", { mode: "smart", remote_root: root });
    }
    expect(last).toMatchObject({ status: 429, body: { retry_after: expect.any(Number) } });
    expect(Number(last?.headers.get("retry-after"))).toBe(last?.body.retry_after);
    await api.request("POST", "/api/unified/disconnect");
    expect((await status()).smart_mode).toEqual({ active: false });
  });

  it("by the older paths, several at once", async () => {
    const { session_id } = (await api.request("POST", "/api/ssh/connect", place())).body;
    const start = { session_id, remote_root: root, interval: 0.1 };
    const lastError = async () =>
      (await api.request("GET", "/api/ssh/mirror/list")).body.mirrors[0].stats.last_error;
    const { task } = (await api.request("POST", "/api/ssh/mirror/start", start)).body;
    expect(task).toMatchObject({ session_id, remote_root: root, interval: 0.1 });
    await until("equal", async () => (await differences(root, task.local_root)).length === 0);
    expect(await lastError()).toBeNull();
    // The host names what it does not let us have.
    const denied = join(root, run, "denied.txt");
    await writeFile(denied, "x", { mode: 0 });
    await until("it is said", async () =>
      String(await lastError()).includes("denied.txt: it may not be read"),
    );
    await rm(denied);
    await until("it is said no more", async () => (await lastError()) === null);
    const { mirrors } = (await api.request("GET", "/api/ssh/mirror/list")).body;
    expect(mirrors).toMatchObject([
      { id: task.id, host: "127.0.0.1", alive: true, stats: { last_error: null, scans: expect.any(Number) } },
    ]);
    expect((await api.request("POST", "/api/ssh/mirror/stop", { task_id: task.id })).body).toEqual({
      ok: true,
    });
    expect((await api.request("POST", "/api/ssh/mirror/stop", { task_id: task.id })).body).toEqual({
      ok: false,
    });
    expect((await api.request("GET", "/api/ssh/mirror/list")).body).toEqual({ mirrors: [] });
    await api.request("POST", "/api/ssh/mirror/start", start);
    await api.request("POST", "/api/ssh/close", { session_id });
    expect((await api.request("GET", "/api/ssh/mirror/list")).body).toEqual({ mirrors: [] });
  });
});
