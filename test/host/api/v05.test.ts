import { describe, expect } from "vitest";
import type { TestAnswer, TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import type { Sshd } from "../../support/sshd.js";

let host: HostHome;
let server: Sshd;
let api: TestApi;
const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

const place = () => ({ host: "127.0.0.1", port: server.port, username: server.user });
const withKey = () => ({ ...place(), auth_method: "key", private_key_path: server.identityFile });
const get = async (path: string): Promise<TestAnswer> => api.request("GET", `/api/remote${path}`);
const connect = async (): Promise<string> =>
  (await api.request("POST", "/api/remote/connect", withKey())).body.connection_id;

it.beforeAll(({ trainHome, trainServer, strangerApi }) => {
  [host, server, api] = [trainHome, trainServer, strangerApi];
});

describe("version 0.5", () => {
  let id: string;

  it("asks about the host key in its own words, then connects and tells about the host", async () => {
    const asked = await api.request("POST", "/api/remote/connect", withKey());
    expect(asked).toMatchObject({
      status: 409,
      body: {
        success: false,
        error: "host_key_confirmation_required",
        details: { host_key: { fingerprint_sha256: server.hostKey.fingerprint, reason: "unknown" } },
      },
    });
    await api.request("POST", "/api/remote/known-hosts/accept", asked.body.details.host_key);
    const connected = await api.request("POST", "/api/remote/connect", withKey());
    expect(connected.body).toEqual({
      success: true,
      connection_id: expect.stringMatching(/^conn_[0-9a-f]{8}$/),
      ...place(),
      status: "connected",
      server_info: {
        hostname: expect.any(String),
        os: "Linux",
        kernel: expect.any(String),
        python_version: expect.stringMatching(/^3\./),
      },
      created_at: anyTime,
    });
    id = connected.body.connection_id;
  });

  it("lists environments, all or those with Runicorn, looks again, tells the configuration", async () => {
    const all = (await get(`/environments?connection_id=${id}`)).body;
    const some = (await get(`/environments?connection_id=${id}&filter=runicorn_only`)).body;
    expect(all.total).toBe(all.environments.length);
    expect(some.environments.map(({ name }: { name: string }) => name)).toEqual(["train", "vision/.venv"]);
    expect(all.environments[0]).toEqual({
      name: "train",
      type: "venv",
      python_version: expect.stringMatching(/^3\./),
      python_path: `${host.home}/venvs/train/bin/python`,
      runicorn_installed: true,
      runicorn_version: runicornVersions.newest,
      storage_root: host.root,
      is_active: true,
    });
    const detect = { connection_id: id, force_refresh: true };
    expect((await api.request("POST", "/api/remote/environments/detect", detect)).body).toEqual({
      success: true,
      message: "Environments detected successfully",
      connection_id: id,
      environments_found: all.total,
      detection_time: anyTime,
    });
    expect((await get(`/config?connection_id=${id}&env_name=train`)).body).toEqual({
      success: true,
      connection_id: id,
      env_name: "train",
      config: { user_root_dir: host.root, viewer_port: 23300, log_level: "INFO" },
      runicorn_version: runicornVersions.newest,
    });
  });

  it("starts one viewer per connection and shows it, tells its state and log, stops it", async () => {
    const start = { connection_id: id, env_name: "train" };
    const started = await api.request("POST", "/api/remote/viewer/start", start);
    const { viewer } = started.body;
    expect(started.body).toEqual({
      success: true,
      message: "Remote Viewer started successfully",
      connection_id: id,
      viewer: {
        status: "running",
        local_port: expect.any(Number),
        remote_port: null,
        url: `http://localhost:${viewer.local_port}`,
        remote_root: host.root,
        env_name: "train",
        started_at: anyTime,
      },
      url: viewer.url,
    });
    expect(api.shown).toHaveLength(1);
    expect(await api.request("POST", "/api/remote/viewer/start", start)).toMatchObject({
      status: 409,
      body: { error: "viewer_already_running" },
    });
    expect((await get(`/viewer/status?connection_id=${id}`)).body.viewer).toEqual({
      ...viewer,
      uptime_seconds: expect.any(Number),
      health: "healthy",
    });
    const logs = (await get(`/viewer/logs?connection_id=${id}&lines=2`)).body;
    expect(logs).toMatchObject({ success: true, total_lines: 2 });
    expect((await get(`/viewer/logs?connection_id=${id}&level=error`)).body.logs).toEqual([]);
    expect((await get(`/health?connection_id=${id}`)).body).toEqual({
      success: true,
      connection_id: id,
      health: "healthy",
      checks: { ssh_connection: "pass", viewer_process: "pass", tunnel_active: "pass" },
      last_check: anyTime,
    });
    expect((await get(`/ping?connection_id=${id}`)).body).toEqual({
      success: true,
      connection_id: id,
      latency_ms: expect.any(Number),
      timestamp: anyTime,
    });
    expect((await get("/connections")).body).toEqual({
      success: true,
      connections: [
        {
          connection_id: id,
          ...place(),
          status: "connected",
          created_at: anyTime,
          last_ping: anyTime,
          viewer,
        },
      ],
      total: 1,
    });
    expect((await api.request("POST", "/api/remote/viewer/stop", { connection_id: id })).body).toEqual({
      success: true,
      message: "Remote Viewer stopped successfully",
      connection_id: id,
      stopped_at: anyTime,
    });
    expect(await get(`/viewer/status?connection_id=${id}`)).toMatchObject({
      status: 404,
      body: { success: false, error: "viewer_not_found" },
    });
  });

  it("closes the SSH connection with its last lease, and with it the viewer", async () => {
    const second = await connect();
    expect(second).not.toBe(id);
    await api.request("POST", "/api/remote/viewer/start", {
      connection_id: second,
      env_name: "train",
      auto_open: false,
    });
    expect(api.shown).toHaveLength(1);
    expect((await api.request("DELETE", `/api/remote/connections/${id}`)).body).toMatchObject({
      connection_id: id,
      cleanup_performed: { ssh_tunnel: false, remote_viewer: false, temp_files: false },
    });
    expect(api.app.connections.all).toHaveLength(1);
    expect((await api.request("DELETE", `/api/remote/connections/${second}?force=True`)).body).toEqual({
      success: true,
      message: "Connection disconnected successfully",
      connection_id: second,
      cleanup_performed: { ssh_tunnel: true, remote_viewer: true, temp_files: true },
    });
    expect(api.app.connections.all).toEqual([]);
    expect(api.app.viewers.sessions).toEqual([]);
    expect(await api.request("DELETE", `/api/remote/connections/${second}`)).toMatchObject({
      status: 404,
      body: { error: "connection_not_found" },
    });
  });
});

describe("two clients of different versions on one connection", () => {
  it("see the same", async () => {
    const lease = await connect();
    const key = `${server.user}@127.0.0.1:${server.port}`;
    const sessions = (await get("/sessions")).body.sessions;
    expect(sessions.map((one: { key: string }) => one.key)).toEqual([key]);
    // Each takes the other's id.
    expect((await get(`/ping?connection_id=${key}`)).status).toBe(200);
    expect((await get(`/conda-envs?connection_id=${lease}`)).status).toBe(200);
    await api.request("POST", "/api/remote/viewer/start", { connection_id: lease, env_name: "train" });
    const newer = { ...place(), remote_root: host.root };
    const { session } = (await api.request("POST", "/api/remote/viewer/start", newer)).body;
    const seen = (await get("/viewer/sessions")).body.sessions;
    expect(seen).toHaveLength(2);
    const older = seen.find(({ sessionId }: { sessionId: string }) => sessionId !== session.sessionId);
    // The newer client stops the older one's viewer: the older one hears of it.
    await api.request("POST", "/api/remote/viewer/stop", { session_id: older.sessionId });
    expect((await get(`/viewer/status?connection_id=${lease}`)).status).toBe(404);
    expect((await get("/connections")).body.connections[0].viewer).toBeNull();
    // The older one leaves: what the newer one uses stays.
    await api.request("DELETE", `/api/remote/connections/${lease}`);
    expect((await get(`/viewer/status/${session.sessionId}`)).body.status).toBe("running");
    // The newer one disconnects: everybody's leases end.
    const again = await connect();
    await api.request("POST", "/api/remote/disconnect", place());
    expect(await get(`/ping?connection_id=${again}`)).toMatchObject({ status: 404 });
    expect((await get("/connections")).body.total).toBe(0);
    expect((await get("/status")).body).toMatchObject({ connection_count: 0, viewer_session_count: 0 });
  });
});
