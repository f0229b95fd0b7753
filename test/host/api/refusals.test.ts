import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { startTestApi, type TestAnswer, type TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import { freePort } from "../../support/ports.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { makeKey, type Sshd } from "../../support/sshd.js";

/** What clients of each version hear of what goes wrong, in the words that they know. */

let host: HostHome;
let server: Sshd;
let api: TestApi;
let id: string;
let lease: string;

const get = (path: string): Promise<TestAnswer> => api.request("GET", path);
const post = (path: string, body: unknown): Promise<TestAnswer> => api.request("POST", path, body);
const place = () => ({ host: "127.0.0.1", port: server.port, username: server.user });
const start = (more: object) =>
  post("/api/remote/viewer/start", { ...place(), remote_root: host.root, ...more });
const start05 = (more: object) =>
  post("/api/remote/viewer/start", {
    connection_id: lease,
    env_name: "train",
    remote_root: host.root,
    ...more,
  });

it.beforeAll(async ({ trainHome, trainServer, api: started }) => {
  [host, server, api] = [trainHome, trainServer, started];
  id = `${server.user}@127.0.0.1:${server.port}`;
  const login = { ...place(), private_key_path: server.identityFile };
  await post("/api/remote/connect", { ...login, use_agent: false });
  lease = (await post("/api/remote/connect", { ...login, auth_method: "key" })).body.connection_id;
});

describe("a viewer that cannot be started", () => {
  it("is a 500 with the words that clients of 0.6 look for, and nothing runs afterwards", async () => {
    const taken = await freePort();
    const remotePort = await freePort();
    const running = await start({ local_port: taken, remote_port: remotePort });
    expect(running.status).toBe(200);
    const file = join(host.home, "file");
    await writeFile(file, "");
    for (const [what, words] of [
      [{ local_port: taken }, `Port ${taken} on this machine`],
      [{ remote_port: remotePort }, `Port ${remotePort} on the host`],
      [{ conda_env: "plain" }, "Runicorn"],
      [{ remote_root: file }, "file"],
      [{ remote_root: join(host.home, "nowhere") }, "nowhere"],
    ] as const) {
      const answer = await start(what);
      expect(answer).toMatchObject({ status: 500 });
      expect(answer.body.detail).toMatch(/^Failed to start Remote Viewer: /);
      expect(answer.body.detail).toContain(words);
    }
    expect(api.app.viewers.sessions).toHaveLength(1);
    await post("/api/remote/viewer/stop", { session_id: running.body.session.sessionId });
  });

  it("is no malformed request in 0.5", async () => {
    for (const what of [{ env_name: "plain" }, { remote_root: join(host.home, "nowhere") }])
      expect(await start05(what)).toMatchObject({ status: 500, body: { error: "viewer_start_failed" } });
  });
});

describe("a malformed request", () => {
  it("is told of in FastAPI's words, in the body and in the query", async () => {
    const issues = async (answer: Promise<TestAnswer>) => {
      const { status, body } = await answer;
      return { status, detail: body.detail };
    };
    expect(await issues(post("/api/remote/connect", { ...place(), port: "abc" }))).toEqual({
      status: 422,
      detail: [
        {
          type: "int_parsing",
          loc: ["body", "port"],
          msg: "Input should be a valid integer, unable to parse string as an integer",
        },
      ],
    });
    expect(await issues(post("/api/unified/connect", { host: "a", port: 0 }))).toMatchObject({
      detail: [
        { type: "greater_than_equal", loc: ["body", "port"] },
        { type: "missing", loc: ["body", "username"], msg: "Field required" },
      ],
    });
    expect(await issues(get("/api/remote/conda-envs"))).toEqual({
      status: 422,
      detail: [{ type: "missing", loc: ["query", "connection_id"], msg: "Field required" }],
    });
    expect(await issues(post("/api/remote/connect", { host: "a" }))).toMatchObject({
      detail: [{ type: "missing", loc: ["body", "username"], msg: "Field required" }],
    });
  });
});

describe("the system's Python", () => {
  it("is named `system`, in the list and in requests", async () => {
    const { envs } = (await get(`/api/remote/conda-envs?connection_id=${id}`)).body;
    const system = envs.filter((one: { name: string }) => one.name === "system");
    expect(system).toMatchObject([{ type: "system", path: expect.stringMatching(/^\//) }]);
    expect(envs.filter((one: { is_default: boolean }) => one.is_default)).toHaveLength(1);
    const { configs } = (await get(`/api/remote/env-configs?connection_id=${id}`)).body;
    expect(Object.keys(configs)).toEqual(envs.map((one: { name: string }) => one.name));
    for (const query of ["&conda_env=system", "&conda_env=", ""]) {
      const { status, body } = await get(`/api/remote/config?connection_id=${id}${query}`);
      expect({ status, condaEnv: body.condaEnv }).toEqual({ status: 200, condaEnv: "system" });
    }
  });
});

describe("the known_hosts file", () => {
  it("that cannot be used is named with the reason", async () => {
    const other = await startTestApi();
    const { key_type: type, ...rest } = { key_type: "ssh-ed25519", ...place() };
    try {
      const asked = await other.request("POST", "/api/remote/connect", { ...place(), use_agent: false });
      await rm(join(other.dataFolder, "known_hosts"), { force: true });
      await mkdir(join(other.dataFolder, "known_hosts"));
      const list = await other.request("GET", "/api/remote/known-hosts/list");
      expect(list).toMatchObject({ status: 500 });
      expect(list.body.detail).toMatch(/^Failed to list known_hosts: EISDIR/);
      const remove = { host: rest.host, port: rest.port, key_type: type };
      const removed = await other.request("POST", "/api/remote/known-hosts/remove", remove);
      expect(removed.body.detail).toMatch(/^Failed to remove known_hosts entry: /);
      const accept = asked.body.detail.host_key;
      const accepted = await other.request("POST", "/api/remote/known-hosts/accept", accept);
      expect(accepted.status).not.toBe(200);
      expect(accepted.body.detail).not.toBe("Internal Server Error");
    } finally {
      await other.dispose();
    }
  });

  it("accepts no invalid name, type or key", async () => {
    const { type, base64, fingerprint } = server.hostKey;
    const key = {
      host: "127.0.0.1",
      port: server.port,
      key_type: type,
      public_key: `${type} ${base64}`,
      fingerprint_sha256: fingerprint,
    };
    const accept = async (more: object) =>
      (await post("/api/remote/known-hosts/accept", { ...key, ...more })).body;
    expect(await accept({ host: "" })).toEqual({ detail: "Invalid host" });
    expect(await accept({ key_type: "" })).toEqual({ detail: "Invalid key_type" });
    for (const end of ["\n", "\r", "\r\n"])
      expect(await accept({ public_key: `${type} ${base64}${end}` })).toEqual({
        detail: "Invalid public_key",
      });
    const remove = async (more: object) =>
      post("/api/remote/known-hosts/remove", { host: "a", port: 22, key_type: type, ...more });
    expect(await remove({ host: "" })).toMatchObject({ status: 400, body: { detail: "Invalid host" } });
    expect(await remove({ key_type: "" })).toMatchObject({
      status: 400,
      body: { detail: "Invalid key_type" },
    });
  });
});

describe("a missing object", () => {
  it("is named in the response", async () => {
    expect(await get("/api/remote/conda-envs?connection_id=garbage")).toMatchObject({
      status: 400,
      body: { detail: "Invalid connection_id format: garbage" },
    });
    expect(await get("/api/unified/listdir?path=/")).toMatchObject({
      status: 404,
      body: { detail: "No active SSH connection" },
    });
  });

  it("is reported for a mirror to stop, and for an empty path", async () => {
    expect(await post("/api/ssh/mirror/stop", { task_id: "nope" })).toMatchObject({
      status: 200,
      body: { ok: false },
    });
    expect(await get(`/api/remote/fs/exists?connection_id=${id}&path=`)).toMatchObject({
      status: 200,
      body: { path: "", exists: false, is_dir: false },
    });
  });
});

describe("a login that is refused", () => {
  it("is told with the method that the client of 0.5 chose", async () => {
    const stranger = join(api.home, "stranger");
    makeKey(stranger, "ed25519", "");
    const answer = await post("/api/remote/connect", {
      ...place(),
      auth_method: "key",
      private_key_path: stranger,
    });
    expect(answer).toMatchObject({ status: 401, body: { details: { ...place(), auth_method: "key" } } });
  });

  it("names a key that was given without doubled brackets", async () => {
    const answer = await post("/api/remote/connect", {
      ...place(),
      private_key: "rubbish",
      use_agent: false,
    });
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toContain(
      "The private key that was given cannot be used: not a private key. ",
    );
    expect(answer.body.detail).not.toContain("(given)");
  });
});
