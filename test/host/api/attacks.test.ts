import { connect as connectSocket } from "node:net";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../../support/api.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

let host: HostHome;
let server: Sshd;
let api: TestApi;
let guarded: TestApi;
let id: string;
let viewerPort: number;
const token = "an-example-token-of-enough-length";

beforeAll(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
  api = await startTestApi({ allowedOrigins: ["vscode-webview://mine", "http://localhost:5173"] });
  guarded = await startTestApi({ token });
  await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
  id = `${server.user}@127.0.0.1:${server.port}`;
  const body = { host: "127.0.0.1", port: server.port, username: server.user };
  await api.request("POST", "/api/remote/connect", { ...body, private_key_path: server.identityFile });
  const start = { ...body, remote_root: host.root };
  const started = await api.request("POST", "/api/remote/viewer/start", start);
  viewerPort = started.body.session.localPort;
});
afterAll(async () => {
  await api.dispose();
  await guarded.dispose();
  await server.stop();
  await host.dispose();
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  readonly to?: TestApi;
}

/** A request with any header at all, which `fetch` would not send. */
async function send({ method = "GET", path = "/api/remote/sessions", headers = {}, body, to = api }: Sent) {
  const { port } = to.server;
  const own = { Host: `127.0.0.1:${port}`, ...headers };
  const sent = request({ host: "127.0.0.1", port, method, path, headers: own, agent: false });
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [
    NodeJS.ReadableStream & { statusCode: number; statusMessage: string; headers: any },
  ];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  const { statusCode: status, statusMessage: reason, headers: answered } = response;
  return { status, reason, headers: answered, text };
}

const json = { "Content-Type": "application/json" };
const page = "https://evil.example";
const saved = "/api/remote/connections/saved";
const post = (headers: Record<string, string>, body = "[]"): Sent => ({
  method: "POST",
  path: saved,
  headers,
  body,
});

describe("refused", () => {
  const table: readonly (readonly [string, () => Sent, number])[] = [
    [
      "a foreign host name (rebinding)",
      () => ({ headers: { Host: `evil.example:${api.server.port}` } }),
      403,
    ],
    [
      "a foreign host name that begins like ours",
      () => ({ headers: { Host: `localhost.evil.example:${api.server.port}` } }),
      403,
    ],
    ["our name with another port", () => ({ headers: { Host: "localhost:1" } }), 403],
    ["our name without the port", () => ({ headers: { Host: "localhost" } }), 403],
    ["another address of this machine", () => ({ headers: { Host: `127.0.0.2:${api.server.port}` } }), 403],
    [
      "a user in the host name",
      () => ({ headers: { Host: `localhost@evil.example:${api.server.port}` } }),
      400,
    ],
    ["a GET of a foreign page", () => ({ headers: { Origin: page } }), 403],
    ["a POST of a foreign page", () => post({ ...json, Origin: page }), 403],
    ["a sandboxed page", () => ({ headers: { Origin: "null" } }), 403],
    [
      "a page whose name begins like ours",
      () => ({ headers: { Origin: "http://localhost.evil.example" } }),
      403,
    ],
    ["a page of a file", () => ({ headers: { Origin: "file://" } }), 403],
    ["a webview that is not allowed", () => ({ headers: { Origin: "vscode-webview://other" } }), 403],
    ["a page of another port of this machine", () => ({ headers: { Origin: "http://localhost:3000" } }), 403],
    ["one of port 80", () => ({ headers: { Origin: "http://127.0.0.1" } }), 403],
    ["the allowed page by another name", () => ({ headers: { Origin: "http://127.0.0.1:5173" } }), 403],
    [
      "our own page, said to come over TLS",
      () => ({ headers: { Origin: `https://localhost:${api.server.port}` } }),
      403,
    ],
    [
      "a picture on a page of another port (no-cors)",
      () => ({ headers: { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors" } }),
      403,
    ],
    [
      "a page that a host serves through our tunnel",
      () => ({ headers: { Origin: `http://localhost:${viewerPort}` } }),
      403,
    ],
    ["a preflight of a foreign page", () => ({ method: "OPTIONS", headers: { Origin: page } }), 403],
    [
      "a picture on a foreign page (no-cors)",
      () => ({ headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" } }),
      403,
    ],
    ["a form", () => post({ "Content-Type": "application/x-www-form-urlencoded" }, "a=b"), 415],
    ["a multipart form", () => post({ "Content-Type": "multipart/form-data; boundary=x" }, "--x--"), 415],
    ["plain text", () => post({ "Content-Type": "text/plain" }), 415],
    ["JSON that says to be plain text", () => post({ "Content-Type": "text/plain;application/json" }), 415],
    ["a body without a type", () => post({}), 415],
    [
      "an upgrade to a WebSocket by a foreign page",
      () => ({
        headers: {
          Origin: page,
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        },
      }),
      403,
    ],
    ["no token", () => ({ to: guarded }), 401],
    ["a wrong token", () => ({ to: guarded, headers: { Authorization: `Bearer ${token}x` } }), 401],
    ["a token of another kind", () => ({ to: guarded, headers: { Authorization: `Basic ${token}` } }), 401],
    [
      "half a token",
      () => ({ to: guarded, headers: { Authorization: `Bearer ${token.slice(0, 10)}` } }),
      401,
    ],
    ["no token for the description", () => ({ to: guarded, path: "/openapi.json" }), 401],
    ["a body of 2 MiB", () => post(json, `["${"x".repeat(2 * 1024 * 1024)}"]`), 413],
    [
      "a body of 2 MiB that does not say so",
      () => post({ ...json, "Transfer-Encoding": "chunked" }, `["${"x".repeat(2 * 1024 * 1024)}"]`),
      413,
    ],
    [
      "20,000 headers",
      () => ({ headers: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`x-${n}`, "y"])) }),
      431,
    ],
    ["a header of 1 MiB", () => ({ headers: { "x-long": "y".repeat(1024 * 1024) } }), 431],
    ["JSON nested a thousand deep", () => post(json, `${"[".repeat(1_000)}${"]".repeat(1_000)}`), 422],
    ["JSON that is none", () => post(json, "{"), 422],
    ["a path that climbs", () => ({ path: "/api/remote/viewer/status/..%2f..%2f..%2fetc%2fpasswd" }), 404],
    ["a path that climbs in the clear", () => ({ path: "/../../etc/passwd" }), 404],
    ["a NUL in an id", () => ({ path: "/api/remote/viewer/status/%00" }), 404],
    ["a broken escape in an id", () => ({ path: "/api/remote/viewer/status/%e0%a4%a" }), 404],
    ["an id that climbs", () => ({ method: "DELETE", path: "/api/remote/connections/..%2f..%2fetc" }), 400],
    ["an id that is a property of objects", () => ({ path: "/api/remote/viewer/status/__proto__" }), 404],
    ["a method that a path does not have", () => ({ method: "DELETE" }), 405],
    ["a method of the path beside", () => ({ method: "DELETE", path: saved }), 405],
    ["an address of 100 KiB", () => ({ path: `/api/remote/viewer/status/${"a".repeat(100 * 1024)}` }), 431],
  ];
  it.each(table)("%s", async (_name, sent, status) => {
    const answer = await send(sent());
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(answer.text).not.toContain("root:");
    if (status === 431)
      expect(JSON.parse(answer.text)).toMatchObject({ success: false, detail: answer.reason });
  });

  it("and the longest address that is right is read", async () => {
    const name = encodeURIComponent("😀".repeat(4_096));
    expect(await send({ path: `/api/remote/viewer/status/${name}` })).toMatchObject({ status: 404 });
  });

  it("and nothing of it has changed anything", async () => {
    expect((await api.request("GET", saved)).body.connections).toEqual([]);
  });
});

describe("served", () => {
  it.each([
    ["localhost", () => ({ headers: { Host: `localhost:${api.server.port}` } })],
    ["[::1]", () => ({ headers: { Host: `[::1]:${api.server.port}` } })],
    ["our own page", () => ({ headers: { Origin: `http://127.0.0.1:${api.server.port}` } })],
    ["our own page by its name", () => ({ headers: { Origin: `http://localhost:${api.server.port}` } })],
    ["what somebody typed", () => ({ headers: { "Sec-Fetch-Site": "none" } })],
    ["a page of this machine that is allowed", () => ({ headers: { Origin: "http://localhost:5173" } })],
    ["a webview that is allowed", () => ({ headers: { Origin: "vscode-webview://mine" } })],
    ["the token", () => ({ to: guarded, headers: { Authorization: `Bearer ${token}` } })],
  ] as const)("%s", async (_name, sent) => {
    expect((await send(sent())).status).toBe(200);
  });

  it("a request with a body that has no length, whose connection then ends", async () => {
    const { port } = api.server;
    const socket = connectSocket(port, "127.0.0.1");
    socket.write(`GET /api/health HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n{}`);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n/is);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it("an unsupported Expect header, before a request to upgrade", async () => {
    const { port } = api.server;
    const socket = connectSocket(port, "127.0.0.1");
    const host = `Host: localhost:${port}\r\n`;
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n`;
    socket.write(`GET / HTTP/1.1\r\n${host}Expect: foo\r\n\r\nGET / HTTP/1.1\r\n${host}${upgrade}\r\n`);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 417 [^]*"invalid_parameters"/);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect((await send({})).status).toBe(200);
  });

  it("a page that is allowed may read the answer, and nobody else may", async () => {
    const own = await send({ headers: { Origin: "http://localhost:5173" } });
    expect(own.headers["access-control-allow-origin"]).toBe("http://localhost:5173");
    const preflight = await send({
      method: "OPTIONS",
      path: saved,
      headers: { Origin: "http://localhost:5173" },
    });
    expect(preflight).toMatchObject({ status: 204 });
    expect((await send({})).headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("an allowed page on the port of a tunnel", () => {
  const headers = (port: number) => ({ headers: { Origin: `http://localhost:${port}` } });

  it("is refused if the tunnel is ours", async () => {
    const allowed = await startTestApi({
      app: api.app,
      dataFolder: api.dataFolder,
      allowedOrigins: [`http://localhost:${viewerPort}`, "http://localhost:5173"],
    });
    expect((await send({ ...headers(viewerPort), to: allowed })).status).toBe(403);
    expect((await send({ ...headers(5173), to: allowed })).status).toBe(200);
    await allowed.server.close();
  });

  it("is refused if another process of the user has it", async () => {
    const other = await startTestApi({
      dataFolder: api.dataFolder,
      allowedOrigins: [`http://localhost:${viewerPort}`],
    });
    expect(other.app.tunnels.all).toEqual([]);
    expect((await send({ ...headers(viewerPort), to: other })).status).toBe(403);
    await other.dispose();
  });
});

describe("a slow sender", () => {
  it("of headers or of a body is ended, and nobody waits for it", async () => {
    const { port } = api.server;
    const starts = [
      "GET /api/health HTTP/1.1\r\n",
      `POST ${saved} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
    ];
    const ended = starts.map(async (start) => {
      const socket = connectSocket(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(start);
      const timer = setInterval(() => socket.write("x"), 1_000);
      socket.resume();
      await once(socket, "close");
      clearInterval(timer);
    });
    expect((await api.request("GET", "/api/health")).status).toBe(200);
    await Promise.all(ended);
  });
});

describe("a body made to be slow to read", () => {
  it.each([
    ["quotes", '"' + '\\"'.repeat(500_000)],
    ["brackets", "[".repeat(1_000_000)],
  ])("of %s is refused at once, and health is answered meanwhile", async (_name, body) => {
    const startedAt = performance.now();
    const [refused, health] = await Promise.all([send(post(json, body)), send({ path: "/api/health" })]);
    expect([refused.status, health.status]).toEqual([422, 200]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe("hostile values in every field", () => {
  const canary = (): string => join(host.home, "canary");
  const values = () => [
    `'; touch ${canary()} #`,
    `$(touch ${canary()})`,
    `\`touch ${canary()}\``,
    `|touch ${canary()}`,
    `\ntouch ${canary()}\n`,
    "-oProxyCommand=touch canary",
    "../../../../etc/passwd",
    "a\0b",
    "\ud800",
    "x".repeat(5_000),
    "__proto__",
    "%s%n",
  ];

  it("are values and nothing else", async () => {
    for (const value of values()) {
      const q = encodeURIComponent(value.replace("\ud800", "\ufffd"));
      const body = {
        host: value,
        port: server.port,
        username: value,
        private_key_path: value,
        passphrase: value,
      };
      const good = { host: "127.0.0.1", port: server.port, username: server.user };
      const answers = await Promise.all([
        api.request("POST", "/api/remote/connect", body),
        api.request("POST", "/api/remote/connect", { ...good, private_key: value, use_agent: false }),
        api.request("POST", "/api/remote/connect", { ...good, username: value }),
        api.request("POST", "/api/remote/connect", { ...good, auth_method: "key", private_key_path: value }),
        api.request("POST", "/api/remote/viewer/start", { ...good, remote_root: value, conda_env: value }),
        api.request("POST", "/api/remote/viewer/start", { ...good, remote_root: value }),
        api.request("POST", "/api/remote/viewer/stop", { session_id: value }),
        api.request("POST", "/api/remote/disconnect", { ...good, username: value }),
        api.request("GET", `/api/remote/fs/list?connection_id=${id}&path=${q}`),
        api.request("GET", `/api/remote/fs/exists?connection_id=${id}&path=${q}`),
        api.request("GET", `/api/remote/config?connection_id=${id}&conda_env=${q}`),
        api.request("GET", `/api/remote/conda-envs?connection_id=${q}`),
        api.request("POST", "/api/remote/known-hosts/accept", {
          host: value,
          port: 22,
          key_type: value,
          public_key: value.slice(0, 8_000),
          fingerprint_sha256: "SHA256:x",
        }),
        api.request("POST", "/api/remote/known-hosts/remove", { host: value, port: 22, key_type: value }),
      ]);
      const wrong = answers.filter(
        ({ status, body: said }) =>
          status >= 500 && !/^Connection failed: /.test(said.detail ?? said.message),
      );
      expect(wrong).toEqual([]);
      expect(existsSync(canary())).toBe(false);
    }
    expect((await readdir(host.home)).includes("canary")).toBe(false);
    expect(await api.app.knownHosts.list()).toHaveLength(1);
  });

  it("prototype keys are plain keys", async () => {
    const body =
      '[{"id":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"kept":{"a":1}}]';
    const headers = { ...json };
    expect((await send(post(headers, body))).status).toBe(200);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    const { connections } = (await api.request("GET", saved)).body;
    expect(connections[0].kept).toEqual({ a: 1 });
    expect(connections[0].polluted).toBeUndefined();
  });
});
