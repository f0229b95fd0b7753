import { type AddressInfo, createServer, type Server } from "node:net";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestAnswer, type TestApi } from "../../support/api.js";
import { freePort } from "../../support/ports.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";

/** The contract's table of status codes, each row for each version, on real servers. */

let host: HostHome;
let server: Sshd;
let changed: Sshd;
let api: TestApi;
let silent: Server;
let stranger: string;
let lease: string;
let closedPort: number;
/** A server that is no SSH server. */
let talker: Server;

/** Minutes that have passed for the rate limits of version 0.4. */
let minutes = 0;

const portOf = (one: Server): number => (one.address() as AddressInfo).port;
const id = () => `${server.user}@127.0.0.1:${server.port}`;

type Version = "v0.4" | "v0.5" | "v0.6";
type Ask = () => Promise<TestAnswer>;

const get = (path: string): Promise<TestAnswer> => api.request("GET", path);
const post = (path: string, body: unknown): Promise<TestAnswer> => api.request("POST", path, body);

/** A connect in the words of each version. */
function connecting(place: () => { host: string; port: number; key?: string }): Record<Version, Ask> {
  const common = () => {
    const { host: name, port } = place();
    return { host: name, port, username: server.user };
  };
  const key = () => place().key ?? server.identityFile;
  return {
    "v0.4": () => post("/api/ssh/connect", { ...common(), private_key_path: key(), use_agent: false }),
    "v0.5": () =>
      post("/api/remote/connect", { ...common(), auth_method: "key", private_key_path: key(), timeout: 2 }),
    "v0.6": () => post("/api/remote/connect", { ...common(), private_key_path: key(), use_agent: false }),
  };
}

beforeAll(async () => {
  host = await makeHostHome();
  // Root may read everything: the files are looked at by nobody in particular.
  const sftp =
    "Subsystem sftp setpriv --reuid=65534 --regid=65534 --clear-groups /usr/lib/openssh/sftp-server";
  server = await startSshd({ home: host.home, sftp: false, config: process.getuid?.() === 0 ? [sftp] : [] });
  changed = await startSshd();
  await chmod(host.home, 0o711);
  silent = createServer().listen(0, "127.0.0.1");
  talker = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
  await Promise.all([once(silent, "listening"), once(talker, "listening")]);
  closedPort = await freePort();
  api = await startTestApi({ clock: () => performance.now() + minutes * 60_000 });
  await writeFile(join(api.home, ".ssh", "config"), "Host slow\n  HostName 127.0.0.1\n  ConnectTimeout 1\n");
  stranger = join(api.home, "stranger");
  makeKey(stranger, "ed25519", "");
  const { app } = api;
  const { hostKey } = server;
  await app.knownHosts.add(`[127.0.0.1]:${server.port}`, hostKey);
  await app.knownHosts.add(`[127.0.0.1]:${changed.port}`, hostKey);
  const body = { host: "127.0.0.1", port: server.port, username: server.user, auth_method: "key" };
  lease = (await post("/api/remote/connect", { ...body, private_key_path: server.identityFile })).body
    .connection_id;
  await post("/api/unified/connect", {
    host: "127.0.0.1",
    port: server.port,
    username: server.user,
    private_key_path: server.identityFile,
  });
});
afterAll(async () => {
  silent.close();
  talker.close();
  await api.dispose();
  await server.stop();
  await changed.stop();
  await host.dispose();
});

const unknown = async (): Promise<Sshd> => startSshd();

interface Row {
  readonly event: string;
  readonly ask: Partial<Record<Version, Ask>>;
  readonly status: Partial<Record<Version, number>>;
  readonly v05?: string;
  readonly detail?: unknown;
}

const text = (part: string | RegExp): unknown => expect.stringMatching(part);
const listed = [{ type: expect.any(String), loc: expect.any(Array), msg: expect.any(String) }];

const rows: readonly Row[] = [
  {
    event: "the body is malformed",
    ask: {
      "v0.4": () => post("/api/unified/connect", { host: "a" }),
      "v0.5": () => post("/api/remote/connect", { host: "a", username: "b", auth_method: "key" }),
      "v0.6": () => post("/api/remote/connect", { host: "a" }),
    },
    status: { "v0.4": 422, "v0.5": 400, "v0.6": 422 },
    v05: "invalid_parameters",
    detail: listed,
  },
  {
    event: "the query is malformed",
    ask: {
      "v0.4": () => get("/api/ssh/listdir"),
      "v0.5": () => get("/api/remote/ping"),
      "v0.6": () => get("/api/remote/conda-envs"),
    },
    status: { "v0.4": 422, "v0.5": 400, "v0.6": 422 },
    v05: "invalid_parameters",
    detail: listed,
  },
  {
    event: "authentication failed",
    ask: connecting(() => ({ host: "127.0.0.1", port: server.port, key: stranger })),
    status: { "v0.4": 401, "v0.5": 401, "v0.6": 401 },
    v05: "authentication_failed",
    detail: text(/^(Connection|Authentication) failed: /),
  },
  {
    event: "the host key has changed",
    ask: connecting(() => ({ host: "127.0.0.1", port: changed.port })),
    status: { "v0.4": 409, "v0.5": 409, "v0.6": 409 },
    v05: "host_key_confirmation_required",
    detail: {
      code: "HOST_KEY_CONFIRMATION_REQUIRED",
      message: "Host key verification failed",
      host_key: expect.objectContaining({
        reason: "changed",
        expected_fingerprint_sha256: text("SHA256:"),
        expected_public_key: text("ssh-ed25519 "),
      }),
    },
  },
  {
    event: "the connect timed out",
    ask: connecting(() => ({ host: "slow", port: portOf(silent) })),
    status: { "v0.4": 408, "v0.5": 408, "v0.6": 500 },
    v05: "connection_timeout",
    detail: text("Connection failed: "),
  },
  {
    event: "the connection was refused",
    ask: connecting(() => ({ host: "127.0.0.1", port: closedPort })),
    status: { "v0.4": 500, "v0.5": 503, "v0.6": 503 },
    v05: "service_unavailable",
    detail: text("Connection failed: "),
  },
  {
    event: "the name is not found",
    ask: connecting(() => ({ host: "no-such-host.invalid", port: 22 })),
    status: { "v0.4": 500, "v0.5": 503, "v0.6": 503 },
    v05: "service_unavailable",
    detail: text("Connection failed: "),
  },
  {
    event: "SSH failed in another way",
    ask: connecting(() => ({ host: "127.0.0.1", port: portOf(talker) })),
    status: { "v0.4": 500, "v0.5": 500, "v0.6": 500 },
    v05: "ssh_error",
    detail: text("Connection failed: "),
  },
  {
    event: "there is no such connection",
    ask: {
      "v0.4": () => get("/api/ssh/listdir?session_id=conn_00000000"),
      "v0.5": () => get("/api/remote/ping?connection_id=conn_00000000"),
      "v0.6": () => get("/api/remote/conda-envs?connection_id=a@b:1"),
    },
    status: { "v0.4": 404, "v0.5": 404, "v0.6": 404 },
    v05: "connection_not_found",
    detail: text("Connection not found"),
  },
  {
    event: "there is no such environment",
    ask: {
      "v0.5": () => get(`/api/remote/config?connection_id=${lease}&env_name=none`),
      "v0.6": () => get(`/api/remote/config?connection_id=${id()}&conda_env=none`),
    },
    status: { "v0.5": 404, "v0.6": 404 },
    v05: "environment_not_found",
    detail: text("none"),
  },
  {
    event: "there is no such viewer",
    ask: {
      "v0.5": () => get(`/api/remote/viewer/status?connection_id=${lease}`),
      "v0.6": () => get("/api/remote/viewer/status/00000000"),
    },
    status: { "v0.5": 404, "v0.6": 404 },
    v05: "viewer_not_found",
    detail: "Session not found: 00000000",
  },
  {
    event: "the remote path is missing",
    ask: {
      "v0.4": () => get("/api/unified/listdir?path=/no/such"),
      "v0.6": () => get(`/api/remote/fs/list?connection_id=${id()}&path=/no/such`),
    },
    status: { "v0.4": 404, "v0.6": 404 },
    detail: text("/no/such does not exist"),
  },
  {
    event: "the connection id is malformed",
    ask: {
      "v0.4": () => get("/api/ssh/listdir?session_id=x"),
      "v0.5": () => get("/api/remote/ping?connection_id=x"),
      "v0.6": () => get("/api/remote/conda-envs?connection_id=x"),
    },
    status: { "v0.4": 400, "v0.5": 400, "v0.6": 400 },
    v05: "invalid_parameters",
    detail: text("Invalid connection_id format"),
  },
  {
    event: "the request comes from a web page",
    ask: {
      "v0.4": () => api.request("GET", "/api/unified/status", undefined, { Origin: "https://evil.example" }),
      "v0.5": () =>
        api.request("GET", "/api/remote/connections", undefined, { Origin: "https://evil.example" }),
      "v0.6": () => api.request("GET", "/api/remote/sessions", undefined, { Origin: "https://evil.example" }),
    },
    status: { "v0.4": 403, "v0.5": 403, "v0.6": 403 },
    v05: "forbidden",
    detail: text("refused"),
  },
];

const cases = rows.flatMap(({ event, ask, status, v05, detail }) =>
  Object.entries(ask).map(([version, request]) => ({
    event,
    version: version as Version,
    request,
    status: status[version as Version],
    body:
      version === "v0.5"
        ? { success: false, error: v05, message: expect.any(String), details: expect.any(Object) }
        : { detail },
  })),
);

describe("when", () => {
  beforeEach(() => void (minutes += 2));

  it.each(cases)("$event, $version answers $status", async ({ request, status, body, version }) => {
    const answer = await request();
    expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
    expect(answer.headers.get("Deprecation")).toBe(version === "v0.4" ? "true" : null);
  });

  it("the host key is unknown, every version asks", async () => {
    const other = await unknown();
    for (const request of Object.values(connecting(() => ({ host: "127.0.0.1", port: other.port })))) {
      const { status, body } = await request();
      const { host_key: key } = body.detail ?? body.details;
      expect({ status, ...key }).toMatchObject({
        status: 409,
        reason: "unknown",
        fingerprint_sha256: other.hostKey.fingerprint,
      });
    }
    await other.stop();
  });

  it.skipIf(process.getuid?.() !== 0)("the remote path is not permitted, it is a 403", async () => {
    expect((await get("/api/unified/listdir?path=/root")).status).toBe(403);
    expect((await get(`/api/remote/fs/list?connection_id=${id()}&path=/root`)).status).toBe(403);
  });

  it("a viewer runs already, version 0.5 says 409 and version 0.6 starts another", async () => {
    const start = { connection_id: lease, env_name: "train" };
    expect((await post("/api/remote/viewer/start", start)).status).toBe(200);
    const again = await post("/api/remote/viewer/start", start);
    expect({ status: again.status, error: again.body.error }).toEqual({
      status: 409,
      error: "viewer_already_running",
    });
    const newer = { host: "127.0.0.1", port: server.port, username: server.user, remote_root: host.root };
    expect((await post("/api/remote/viewer/start", newer)).status).toBe(200);
  });

  it("a version 0.4 client asks too often, it hears for how long to wait", async () => {
    for (let count = 0; count < 5; count += 1)
      expect((await post("/api/unified/connect", {})).status).toBe(422);
    const answer = await post("/api/unified/connect", {});
    expect(answer).toMatchObject({ status: 429, body: { detail: "Rate limit exceeded" } });
    expect(answer.body.retry_after).toBeGreaterThan(0);
    expect(answer.headers.get("Retry-After")).toBe(String(answer.body.retry_after));
    expect((await post("/api/remote/connect", {})).status).toBe(422);
  });

  it("there is a bug, it is answered without details", async () => {
    const broken = await startTestApi();
    const secret = "canary-in-a-stack";
    Object.defineProperty(broken.app.connections, "all", {
      get: () => {
        throw new Error(secret);
      },
    });
    const paths = {
      "v0.4": "/api/ssh/sessions",
      "v0.6": "/api/remote/sessions",
      "v0.5": "/api/remote/connections",
    };
    Object.defineProperty(broken.app.viewers, "sessions", {
      get: () => {
        throw new Error(secret);
      },
    });
    const answer = await broken.request("GET", paths["v0.6"]);
    expect(answer).toMatchObject({ status: 500, body: { detail: "Internal Server Error" } });
    expect(JSON.stringify(answer.body)).not.toMatch(/canary|at .*\.ts/);
    Object.defineProperty(broken.app.viewers, "sessions", { get: () => [] });
    Object.defineProperty(broken.app.connections, "all", { get: () => [] });
    await broken.dispose();
  });
});
