import { once } from "node:events";
import { afterAll, describe, expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import {
  makeOtherAccount,
  noOtherAccount,
  type OtherAccount,
  runScriptAs,
} from "../../support/otherAccount.js";
import type { Sshd } from "../../support/sshd.js";

/* Another account of this machine at the API of ours, with what the account may do: any program, any bytes. */

describe.skipIf(noOtherAccount !== undefined)("a program of another account", () => {
  let api: TestApi;
  let server: Sshd;
  let other: OtherAccount;

  it.beforeAll(({ server: host, strangerApi }) => {
    [server, api] = [host, strangerApi];
    other = makeOtherAccount();
  });
  afterAll(() => other.dispose());

  const run = (script: string, ...args: string[]): Promise<string> => runScriptAs(other, script, args);

  const ask = `
    const [url, method, body] = process.argv.slice(1);
    const headers = body ? { "Content-Type": "application/json" } : {};
    const answer = await fetch(url, { method, headers, ...(body && { body }) });
    console.log(answer.status, answer.statusText, await answer.text());`;

  it("is refused whatever it asks, and told why", async () => {
    const { url } = api.server;
    expect(api.server.refusesOtherAccounts).toBe(true);
    for (const path of ["/api/health", "/api/remote/sessions", "/openapi.json", "/nowhere"])
      expect(await run(ask, url + path, "GET")).toMatch(
        /^403 Programs of other accounts are refused \{.*"detail":/,
      );
    const large = JSON.stringify([{ id: "x".repeat(500_000) }]);
    expect(await run(ask, `${url}/api/remote/connections/saved`, "POST", large.slice(0, 100_000))).toMatch(
      /^403 /,
    );
  });

  it("gets no host key accepted, no connection, and no file of the host", async () => {
    const place = { host: "127.0.0.1", port: server.port, username: server.user };
    const key = server.hostKey;
    const accept = {
      ...place,
      key_type: key.type,
      public_key: `${key.type} ${key.base64}`,
      fingerprint_sha256: key.fingerprint,
    };
    const { url } = api.server;
    expect(await run(ask, `${url}/api/remote/known-hosts/accept`, "POST", JSON.stringify(accept))).toMatch(
      /^403 /,
    );
    const connect = { ...place, private_key_path: server.identityFile };
    expect(await run(ask, `${url}/api/remote/connect`, "POST", JSON.stringify(connect))).toMatch(/^403 /);
    expect(await api.app.knownHosts.list()).toEqual([]);
    expect(api.app.connections.all).toEqual([]);
  });

  it("changes nothing by sending all at once and closing before anybody looks", async () => {
    const hasty = `
      import { connect } from "node:net";
      const [port, count] = process.argv.slice(1).map(Number);
      const body = '[{"id":"stranger"}]';
      const request = "POST /api/remote/connections/saved HTTP/1.1\\r\\nHost: localhost:" + port +
        "\\r\\nContent-Type: application/json\\r\\nContent-Length: " + body.length + "\\r\\n\\r\\n" + body;
      for (let sent = 0; sent < count; sent += 1)
        await new Promise((done) => {
          const socket = connect(port, "127.0.0.1", () => socket.end(request, () => socket.destroy()));
          socket.on("error", done);
          socket.on("close", done);
        });
      console.log("done");`;
    const { port } = new URL(api.server.url);
    const running = run(hasty, port, "300");
    // The later we look, the surer is it gone.
    const busy = setInterval(() => {
      const until = performance.now() + 100;
      while (performance.now() < until);
    }, 150);
    expect(await running).toBe("done\n");
    clearInterval(busy);
    expect((await api.request("GET", "/api/remote/connections/saved")).body.connections).toEqual([]);
  });

  it("that keeps five hundred connections open holds nobody up", async () => {
    const hold = `
      import { connect } from "node:net";
      const port = Number(process.argv[1]);
      let open = 0;
      for (let count = 0; count < 500; count += 1) {
        const socket = connect(port, "127.0.0.1", () => ++open === 500 && console.log("open"));
        socket.on("error", () => undefined);
      }`;
    const holder = run(hold, new URL(api.server.url).port);
    expect((await api.request("GET", "/api/health")).status).toBe(200);
    await holder;
    expect((await api.request("GET", "/api/health")).status).toBe(200);
  });

  it("that keeps nine hundred connections open, and opens anew each that is closed, takes no place of ours", async () => {
    const flood = `
      import { connect } from "node:net";
      const port = Number(process.argv[1]);
      let [open, isOver] = [0, false];
      const hold = () => {
        const socket = connect(port, "127.0.0.1", () => ++open === 900 && console.log("open"));
        socket.resume().on("error", () => undefined).on("close", () => isOver || hold());
      };
      for (let count = 0; count < 900; count += 1) hold();
      process.stdin.resume().once("end", () => process.exit((isOver = true) ? 0 : 1));`;
    const args = ["--input-type=module", "-e", flood, "--", new URL(api.server.url).port];
    const flooding = other.start(process.execPath, args);
    await once(flooding.stdout ?? flooding, "data");
    const statuses: number[] = [];
    for (let asked = 0; asked < 20; asked += 1)
      statuses.push((await api.request("GET", "/api/health")).status);
    expect(statuses).toEqual(Array.from(statuses, () => 200));
    flooding.stdin?.end();
    await once(flooding, "exit");
  });
});

if (noOtherAccount !== undefined) it.skip(noOtherAccount, () => undefined);
