import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HostKey } from "../../../src/ssh/model/hostKeys.js";
import { startTestApi, type TestApi } from "../../support/api.js";
import { knownHostsLine, makeHostKeys, type TestHostKeys } from "../../support/hostKeys.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

/* What a client may do about host keys: accept one that a host showed to it, and nothing else. */

let server: Sshd;
let api: TestApi;
let keys: TestHostKeys;
let now: number;

beforeAll(async () => {
  server = await startSshd();
  keys = await makeHostKeys(server.home);
});
afterAll(() => server.stop());
beforeEach(async () => {
  now = 0;
  api = await startTestApi({ clock: () => now });
  return () => api.dispose();
});

const name = () => `[127.0.0.1]:${server.port}`;
const connect = () =>
  api.request("POST", "/api/remote/connect", {
    host: "127.0.0.1",
    port: server.port,
    username: server.user,
    private_key_path: server.identityFile,
  });
const accept = (key: HostKey, host = "127.0.0.1") =>
  api.request("POST", "/api/remote/known-hosts/accept", {
    host,
    port: server.port,
    key_type: key.type,
    public_key: `${key.type} ${key.base64}`,
    fingerprint_sha256: key.fingerprint,
  });
const ownFile = () => readFile(join(api.dataFolder, "known_hosts"), "utf8").catch(() => "");

describe("known-hosts/accept", () => {
  it("takes no key that no host offered, and names connect", async () => {
    const answer = await accept(server.hostKey);
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining("connect") } });
    expect((await connect()).status).toBe(409);
    // Of this host another key, of this key another host.
    expect((await accept(keys.a)).status).toBe(400);
    expect((await accept(server.hostKey, "example.com")).status).toBe(400);
    expect(await ownFile()).toBe("");
  });

  it("takes the key that connect showed, twice if need be, and connect goes on", async () => {
    expect((await connect()).status).toBe(409);
    expect((await accept(server.hostKey)).status).toBe(200);
    expect((await accept(server.hostKey)).status).toBe(200);
    expect(await ownFile()).toBe(`${knownHostsLine(name(), server.hostKey)}\n`);
    expect((await connect()).status).toBe(200);
  });

  it("takes it for ten minutes", async () => {
    expect((await connect()).status).toBe(409);
    now = 10 * 60_000 + 1;
    expect((await accept(server.hostKey)).status).toBe(400);
    expect((await connect()).status).toBe(409);
    now += 10 * 60_000 - 1;
    expect((await accept(server.hostKey)).status).toBe(200);
  });

  it("never replaces a key: a changed one is shown again, and the known one stays", async () => {
    await api.app.knownHosts.add(name(), keys.a);
    const before = await ownFile();
    const asked = await connect();
    expect(asked.body.detail.host_key).toMatchObject({ reason: "changed" });
    const answer = await accept(server.hostKey);
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual(asked.body);
    expect(answer.body.detail.host_key.expected_fingerprint_sha256).toBe(keys.a.fingerprint);
    expect((await connect()).status).toBe(409);
    expect(await ownFile()).toBe(before);
  });

  it("nor one that became known between the question and the answer", async () => {
    expect((await connect()).status).toBe(409);
    await api.app.knownHosts.add(name(), keys.a);
    expect((await accept(server.hostKey)).status).toBe(409);
    expect(await ownFile()).toBe(`${knownHostsLine(name(), keys.a)}\n`);
  });

  it("takes no key that was revoked meanwhile", async () => {
    expect((await connect()).status).toBe(409);
    const revoked = api.app.knownHosts.addAll.bind(api.app.knownHosts);
    await revoked([
      { marker: "@revoked", hosts: "*", key: server.hostKey, comment: "", line: 1, hashed: false },
    ]);
    expect(await accept(server.hostKey)).toMatchObject({ status: 400 });
  });
});
