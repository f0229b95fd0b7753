import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemorySecrets, type SecretStore } from "../../../src/secretStore.js";
import { startTestApi, type TestAnswer, type TestApi } from "../../support/api.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** What Runicorn 0.7 added on the paths of 0.6. */

let host: HostHome;
let server: Sshd;
let api: TestApi;
let secrets: SecretStore;
let id: string;

const place = () => ({ host: "127.0.0.1", port: server.port, username: server.user });
const get = (path: string): Promise<TestAnswer> => api.request("GET", path);
const post = (path: string, body: unknown): Promise<TestAnswer> => api.request("POST", path, body);
const save = (...entries: unknown[]): Promise<TestAnswer> => post("/api/remote/connections/saved", entries);
const saved = async () => (await get("/api/remote/connections/saved")).body.connections;

/** Runs of a root in the layout of 0.6. */
async function makeRuns(root: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(root, "runs", path), { recursive: true });
    await writeFile(join(root, "runs", path, "meta.json"), "{}");
  }
}

beforeAll(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
  secrets = createMemorySecrets();
  api = await startTestApi({ secrets });
  await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
  id = `${server.user}@127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await api.dispose();
  await server.stop();
  await host.dispose();
});

describe("saved servers", () => {
  const entry = () => ({ kind: "server", id: "s1", name: "GPU", ...place(), authMethod: "key" });

  it("report their saved secrets, and delete those that the page wants deleted", async () => {
    await save({ ...entry(), password: "canary-1", passphrase: "canary-2" });
    const marks = { hasSavedPassword: true, hasSavedPassphrase: true, hasSavedPrivateKey: false };
    expect(await saved()).toEqual([{ ...entry(), ...marks, has_password: true, has_passphrase: true }]);
    // Missing, or null without more: it stays.
    await save({ ...entry(), passphrase: null });
    expect(await saved()).toMatchObject([marks]);
    await save({ ...entry(), password: null, hasSavedPassword: true });
    expect(await saved()).toMatchObject([marks]);
    // As the page of 0.7 sends it.
    await save({ ...entry(), password: null, hasSavedPassword: false });
    expect(await saved()).toEqual([{ ...entry(), ...marks, hasSavedPassword: false, has_passphrase: true }]);
    expect(await secrets.get("api-profile:s1:password")).toBeUndefined();
    expect(await secrets.get("api-profile:s1:passphrase")).toBe("canary-2");
    await save({ ...entry(), privateKeyPath: "~/key", private_key: "canary-3" });
    expect(await saved()).toMatchObject([{ hasSavedPrivateKey: true, privateKeyPath: "~/key" }]);
    expect(await readFile(join(api.dataFolder, "api-connections.json"), "utf8")).not.toContain("canary");
    expect(await secrets.get("api-profile:s1:privateKey")).toBe("canary-3");
  });

  it("are enough to connect, and no other place goes with them", async () => {
    await save({ ...entry(), id: "s2", privateKeyPath: server.identityFile });
    const use = { saved_server_id: "s2", use_agent: false };
    expect(await post("/api/remote/connect", { ...use, saved_server_id: "none" })).toMatchObject({
      status: 404,
      body: { detail: "Saved server not found: none" },
    });
    for (const [field, value] of Object.entries({ host: "other", port: 1, username: "other" }))
      expect(await post("/api/remote/connect", { ...use, [field]: value })).toMatchObject({
        status: 400,
        body: { detail: `Saved server mismatch for field: ${field}` },
      });
    expect((await post("/api/remote/connect", { use_agent: false })).body.detail).toMatchObject([
      { type: "missing", loc: ["body", "host"], msg: "Field required" },
      { type: "missing", loc: ["body", "username"], msg: "Field required" },
    ]);
    expect(await post("/api/remote/connect", use)).toMatchObject({
      status: 200,
      body: { connection_id: id, ...place(), connected: true },
    });
    expect((await post("/api/remote/connect", { ...use, ...place() })).status).toBe(200);
  });
});

describe("the host", () => {
  it("tells the versions of all environments at once", async () => {
    const { body } = await get(`/api/remote/env-configs?connection_id=${id}`);
    expect(body).toMatchObject({
      ok: true,
      configs: {
        train: {
          pythonVersion: expect.stringMatching(/^Python 3\./),
          runicornVersion: runicornVersions.newest,
        },
        "vision/.venv": { runicornVersion: runicornVersions.oldest },
        plain: { runicornVersion: null },
      },
    });
    const { envs } = (await get(`/api/remote/conda-envs?connection_id=${id}`)).body;
    expect(Object.keys(body.configs)).toEqual(envs.map(({ name }: { name: string }) => name));
  });

  it("is searched for storage roots, in one exec", async () => {
    const { home } = host;
    await makeRuns(host.root, "a/one", "a/two", "deep/er/three", ".recycle/gone");
    await makeRuns(join(home, "data", "older"), "x/one");
    await mkdir(join(home, "data", "older", "archive"));
    await makeRuns(join(home, ".runicorn"), "x/one");
    await makeRuns(join(home, "miniconda3", "pkgs-root"), "x/one");
    await makeRuns(join(home, "l1", "l2", "l3", "l4", "far"), "x/one");
    await symlink(join(home, "data", "older"), join(home, "link-to-older"));
    const before = (await server.commands()).length;
    const ask = `/api/remote/storage-candidates?connection_id=${id}&conda_env=train`;
    const { body } = await get(ask);
    expect((await server.commands()).length - before).toBe(1);
    const candidate = (path: string, runs: number, has_archive: boolean, score: number) => ({
      path,
      run_count: runs,
      has_archive,
      has_index: false,
      score,
    });
    expect(body).toEqual({
      scan_root: null,
      max_depth: 3,
      candidates: [
        candidate(join(home, "link-to-older"), 1, true, 126),
        candidate(join(home, ".runicorn"), 1, false, 111),
        candidate(host.root, 3, false, 103),
      ],
    });
    const deeper = (await get(`${ask}&max_depth=99`)).body;
    expect(deeper.max_depth).toBe(8);
    expect(deeper.candidates).toHaveLength(4);
    const below = (await get(`${ask}&scan_root=~/data&max_depth=0`)).body;
    expect(below).toMatchObject({
      scan_root: "~/data",
      max_depth: 1,
      candidates: [{ path: join(home, "data", "older") }],
    });
    expect((await get(`${ask}&scan_root=/no/such`)).status).toBe(404);
    expect((await get(`${ask}&scan_root=/etc/passwd`)).status).toBe(400);
    expect((await get(`${ask}-none`)).status).toBe(404);
  });
});

describe("viewers of a saved server", () => {
  const start = (more: object = {}) =>
    post("/api/remote/viewer/start", {
      saved_server_id: "s2",
      use_agent: false,
      remote_root: host.root,
      conda_env: "train",
      ...more,
    });
  const stop = (session: { sessionId: string }) =>
    post("/api/remote/viewer/stop", { session_id: session.sessionId });
  const statusOf = async ({ sessionId }: { sessionId: string }) =>
    (await get(`/api/remote/viewer/status/${sessionId}`)).body;

  it("end their connection with the last of them", async () => {
    const [one, two] = [(await start()).body.session, (await start()).body.session];
    await stop(one);
    expect(api.app.connections.all).toHaveLength(1);
    await stop(two);
    expect(api.app.connections.all).toEqual([]);
  });

  it("leave the connection to others that use it", async () => {
    const { session } = (await start()).body;
    const lease = await post("/api/remote/connect", {
      ...place(),
      auth_method: "key",
      private_key_path: server.identityFile,
    });
    await stop(session);
    expect(api.app.connections.all).toHaveLength(1);
    await api.request("DELETE", `/api/remote/connections/${lease.body.connection_id}`);
  });

  it("are degraded while they do not answer; those of 0.6 just run", async () => {
    const { session } = (await start()).body;
    const plain = (
      await post("/api/remote/viewer/start", { ...place(), remote_root: host.root, conda_env: "train" })
    ).body.session;
    for (const { remotePid } of [session, plain]) process.kill(remotePid, "SIGSTOP");
    try {
      expect(await statusOf(session)).toMatchObject({ status: "degraded", isActive: true });
      expect(await statusOf(plain)).toMatchObject({ status: "running", isActive: true });
      const { sessions } = (await get("/api/remote/viewer/sessions")).body;
      expect(sessions.map(({ status }: { status: string }) => status)).toEqual(["degraded", "running"]);
    } finally {
      for (const { remotePid } of [session, plain]) process.kill(remotePid, "SIGCONT");
    }
    await until("it answers again", async () => (await statusOf(session)).status === "running");
    await stop(plain);
    await stop(session);
  });

  it("are disconnected where only a person can connect again", async () => {
    const { session } = (await start()).body;
    await rm(join(server.folder, "authorized_keys"));
    await server.cutConnections();
    await until("the login failed", async () => (await statusOf(session)).status === "disconnected");
    expect(await statusOf(session)).toMatchObject({ isActive: false });
    await writeFile(
      join(server.folder, "authorized_keys"),
      await readFile(`${server.identityFile}.pub`, "utf8"),
    );
    expect((await start({ remote_root: host.root })).status).toBe(200);
    await until("it is reached again", async () => (await statusOf(session)).status === "running");
    for (const one of (await get("/api/remote/viewer/sessions")).body.sessions) await stop(one);
  });
});

describe("the default root", () => {
  const start = (remote_root: string) =>
    post("/api/remote/viewer/start", {
      ...place(),
      private_key_path: server.identityFile,
      use_agent: false,
      remote_root,
      conda_env: "train",
    });
  const usual = () => join(host.home, "runicorn_data");

  it("is not created if the host configures another", async () => {
    expect(await start("~/runicorn_data")).toMatchObject({
      status: expect.any(Number),
      body: { detail: expect.stringContaining("does not exist") },
    });
    expect(existsSync(usual())).toBe(false);
  });

  it("is created if none is configured and it is requested, and no other one is", async () => {
    await rm(join(host.home, ".config", "runicorn"), { recursive: true });
    await post("/api/remote/disconnect", place());
    const other = await start("~/other_data");
    expect(other.body.detail).toContain("does not exist");
    expect(existsSync(join(host.home, "other_data"))).toBe(false);
    expect((await start("~/runicorn_data")).body.session).toMatchObject({ remoteRoot: usual() });
    expect(existsSync(usual())).toBe(true);
    await post("/api/remote/disconnect", place());
    await rm(usual(), { recursive: true });
    expect((await start(usual())).status).toBe(200);
    await post("/api/remote/disconnect", place());
    await rm(usual(), { recursive: true });
  });

  it("is what version 0.5 uses and returns if nothing is configured", async () => {
    const { connection_id } = (
      await post("/api/remote/connect", {
        ...place(),
        auth_method: "key",
        private_key_path: server.identityFile,
      })
    ).body;
    const config = await get(`/api/remote/config?connection_id=${connection_id}&env_name=train`);
    expect(config.body.config.user_root_dir).toBe(usual());
    const { environments } = (await get(`/api/remote/environments?connection_id=${connection_id}`)).body;
    expect(environments[0].storage_root).toBe(usual());
    const started = await post("/api/remote/viewer/start", { connection_id, env_name: "train" });
    expect(started.body.viewer).toMatchObject({ remote_root: usual() });
    expect(existsSync(usual())).toBe(true);
    await api.request("DELETE", `/api/remote/connections/${connection_id}`);
  });
});

describe("an error response", () => {
  it("has a sentence of ours as its reason phrase, which is all that some clients show", async () => {
    const refused = await fetch(`${api.server.url}/api/remote/connect`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...place(), use_agent: false }),
    });
    expect(refused.status).toBe(401);
    expect(refused.statusText).toBe(
      "Login failed: the SSH server accepted none of the keys and passwords given",
    );
    expect((await fetch(`${api.server.url}/api/none`)).statusText).toBe("Not Found");
    expect((await fetch(`${api.server.url}/api/remote/sessions`)).statusText).toBe("OK");
    const path = encodeURIComponent("a\r\nX-Injected: yes");
    const odd = await fetch(`${api.server.url}/api/remote/viewer/status/${path}`);
    expect(odd.statusText).toBe("There is no such viewer");
    expect(odd.headers.get("X-Injected")).toBeNull();
  });
});
