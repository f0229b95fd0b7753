import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import { freePort } from "../../support/ports.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let host: HostHome;
let server: Sshd;
let api: TestApi;
let id: string;

const place = () => ({ host: "127.0.0.1", port: server.port, username: server.user });
const withKey = () => ({ ...place(), private_key_path: server.identityFile, use_agent: false });

it.beforeAll(({ trainHome, trainServer, strangerApi }) => {
  [host, server, api] = [trainHome, trainServer, strangerApi];
  id = `${server.user}@127.0.0.1:${server.port}`;
});

describe("version 0.6", () => {
  it("asks about the host key, and connects once it is accepted", async () => {
    const asked = await api.request("POST", "/api/remote/connect", withKey());
    const { key } = { key: server.hostKey };
    expect(asked).toMatchObject({
      status: 409,
      body: {
        detail: {
          code: "HOST_KEY_CONFIRMATION_REQUIRED",
          message: "Host key verification failed",
          host_key: {
            host: "127.0.0.1",
            port: server.port,
            known_hosts_host: `[127.0.0.1]:${server.port}`,
            key_type: key.type,
            fingerprint_sha256: key.fingerprint,
            public_key: `${key.type} ${key.base64}`,
            reason: "unknown",
          },
        },
      },
    });
    const { host_key } = asked.body.detail;
    expect(await api.request("POST", "/api/remote/known-hosts/accept", host_key)).toMatchObject({
      status: 200,
      body: { ok: true },
    });
    expect((await api.request("POST", "/api/remote/connect", withKey())).body).toEqual({
      ok: true,
      connection_id: id,
      host: "127.0.0.1",
      port: server.port,
      username: server.user,
      connected: true,
    });
    const session = { key: id, ...place(), connected: true };
    expect((await api.request("GET", "/api/remote/sessions")).body).toEqual({ sessions: [session] });
  });

  it("lists environments, tells the configuration, lists folders", async () => {
    const { envs } = (await api.request("GET", `/api/remote/conda-envs?connection_id=${id}`)).body;
    expect(envs.find((one: { name: string }) => one.name === "train")).toEqual({
      name: "train",
      type: "venv",
      python_version: expect.stringMatching(/^Python 3\.\d+\.\d+$/),
      path: join(host.home, "venvs", "train", "bin", "python"),
      is_default: true,
      isDefault: true,
      runicorn_version: runicornVersions.newest,
      env_path: join(host.home, "venvs", "train"),
      error: null,
    });
    const config = await api.request("GET", `/api/remote/config?connection_id=${id}&conda_env=plain`);
    expect(config.body).toEqual({
      ok: true,
      condaEnv: "plain",
      pythonVersion: expect.stringMatching(/^Python 3/),
      runicornVersion: null,
      defaultStorageRoot: host.root,
      storageRootExists: true,
      suggestedRemotePort: expect.any(Number),
      connectionId: id,
      homeDirectory: host.home,
    });
    expect((await api.request("GET", `/api/remote/config?connection_id=${id}`)).body).toMatchObject({
      condaEnv: "system",
    });
    await mkdir(join(host.root, "a folder"));
    await writeFile(join(host.root, "file"), "abc");
    const listed = await api.request("GET", `/api/remote/fs/list?connection_id=${id}&path=~/runs`);
    expect(listed.body).toEqual({
      path: host.root,
      items: [
        { name: "a folder", is_dir: true, size: 0, mtime: expect.any(Number) },
        { name: "file", is_dir: false, size: 3, mtime: expect.any(Number) },
      ],
    });
    const exists = await api.request("GET", `/api/remote/fs/exists?connection_id=${id}&path=~/runs/file`);
    expect(exists.body).toEqual({ path: join(host.root, "file"), exists: true, is_dir: false });
  });

  it("starts a viewer, tells its state, stops it", async () => {
    const started = await api.request("POST", "/api/remote/viewer/start", {
      ...place(),
      remote_root: host.root,
    });
    const { session } = started.body;
    expect(session).toMatchObject({
      sessionId: expect.stringMatching(/^[0-9a-f]{8}$/),
      host: "127.0.0.1",
      sshPort: server.port,
      username: server.user,
      remoteRoot: host.root,
      condaEnv: "train",
      status: "running",
      isActive: true,
      url: `http://localhost:${session.localPort}`,
    });
    expect(started.body.message).toBe(`Remote Viewer ready at ${session.url}`);
    expect((await fetch(`${session.url}/api/health`)).status).toBe(200);
    const { body: status } = await api.request("GET", `/api/remote/viewer/status/${session.sessionId}`);
    expect(status).toEqual({ ...session, uptimeSeconds: expect.any(Number) });
    expect((await api.request("GET", "/api/remote/status")).body).toMatchObject({
      connection_count: 1,
      viewer_session_count: 1,
    });
    const stop = { session_id: session.sessionId };
    expect((await api.request("POST", "/api/remote/viewer/stop", stop)).body).toEqual({
      ok: true,
      message: `Session ${session.sessionId} stopped`,
    });
    expect((await api.request("GET", "/api/remote/viewer/sessions")).body).toEqual({ sessions: [] });
    expect(await api.request("POST", "/api/remote/viewer/stop", stop)).toMatchObject({
      status: 404,
      body: { detail: `Session not found: ${session.sessionId}` },
    });
  });

  it("takes the ports that are asked for, and says when one is taken", async () => {
    const [local, remote] = [await freePort(), await freePort()];
    const start = { ...place(), remote_root: host.root, local_port: local, remote_port: String(remote) };
    const { session } = (await api.request("POST", "/api/remote/viewer/start", start)).body;
    expect(session).toMatchObject({ localPort: local, remotePort: remote });
    const other = await freePort();
    const again = { ...start, local_port: other };
    expect(await api.request("POST", "/api/remote/viewer/start", again)).toMatchObject({
      status: 500,
      body: {
        detail: expect.stringContaining(
          `Failed to start Remote Viewer: Port ${remote} on the host is already in use.`,
        ),
      },
    });
    const third = { ...start, remote_port: null };
    expect(await api.request("POST", "/api/remote/viewer/start", third)).toMatchObject({
      status: 500,
      body: {
        detail: expect.stringContaining(
          `Failed to start Remote Viewer: Port ${local} on this machine is already in use.`,
        ),
      },
    });
    expect(api.app.viewers.sessions).toHaveLength(1);
    await api.request("POST", "/api/remote/viewer/stop", { session_id: session.sessionId });
  });

  it("cancels the requests of a client that disconnects", async () => {
    const stop = new AbortController();
    const gone = fetch(`${api.server.url}/api/remote/viewer/start`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...place(), remote_root: host.root }),
      signal: stop.signal,
    }).catch(() => "gone");
    await until("the viewer is being started", () => api.app.viewers.sessions.length === 1);
    stop.abort();
    expect(await gone).toBe("gone");
    await until("nothing of it is left", () => api.app.viewers.sessions.length === 0, 60_000);
  });

  it("disconnects, and says so when nothing is connected", async () => {
    expect((await api.request("POST", "/api/remote/disconnect", place())).body).toEqual({
      ok: true,
      message: "Connection removed",
    });
    expect((await api.request("POST", "/api/remote/disconnect", place())).body).toEqual({
      ok: false,
      message: "Connection not found",
    });
  });

  it("keeps a client's saved connections and gives no secret back, but uses it", async () => {
    const saved = [
      {
        kind: "server",
        id: "s1",
        name: "here",
        ...place(),
        authMethod: "password",
        password: "canary-secret",
        x: 1,
      },
      { kind: "connection", id: "c1", serverId: "s1", name: "runs", condaEnv: null, createdAt: 2 },
    ];
    await api.request("POST", "/api/remote/connections/saved", saved);
    const { password, ...server1 } = { password: "", ...saved[0] };
    expect(password).toBe("canary-secret");
    const { body } = await api.request("GET", "/api/remote/connections/saved");
    expect(body).toEqual({
      ok: true,
      connections: [
        {
          ...server1,
          has_password: true,
          hasSavedPassword: true,
          hasSavedPassphrase: false,
          hasSavedPrivateKey: false,
        },
        saved[1],
      ],
    });
    expect(await readFile(join(api.dataFolder, "api-connections.json"), "utf8")).not.toContain("canary");
    expect((await api.app.savedConnections.list()).map(({ name }) => name)).toEqual(["here"]);
    expect((await api.request("POST", "/api/remote/connections/saved", { a: 1 })).status).toBe(422);
  });

  it("lists and removes host keys", async () => {
    const { entries } = (await api.request("GET", "/api/remote/known-hosts/list")).body;
    expect(entries).toEqual([
      {
        host: "127.0.0.1",
        port: server.port,
        known_hosts_host: `[127.0.0.1]:${server.port}`,
        key_type: server.hostKey.type,
        key_base64: server.hostKey.base64,
        fingerprint_sha256: server.hostKey.fingerprint,
        hashed: false,
        marker: null,
        comment: "",
      },
    ]);
    const body = { host: "127.0.0.1", port: server.port, key_type: server.hostKey.type };
    expect((await api.request("POST", "/api/remote/known-hosts/remove", body)).body).toEqual({
      ok: true,
      changed: true,
    });
    expect((await api.request("POST", "/api/remote/known-hosts/remove", body)).body).toEqual({
      ok: true,
      changed: false,
    });
  });
});
