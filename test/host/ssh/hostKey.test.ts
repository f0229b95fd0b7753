import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Interaction, unattended } from "../../../src/ssh/model/interaction.js";
import {
  createTestClient,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
  trustingOnceAsked,
} from "../../support/client.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

let server: Sshd;
let client: TestClient;
beforeEach(async () => {
  server = await startSshd();
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  await server.stop();
});

const request = () => ({ target: targetOf(server), credentials: credentialsOf(server) });
const authenticationTried = async (): Promise<boolean> =>
  /userauth-request|Accepted|Failed/.test(await server.log());

describe("an unknown host key", () => {
  it("is asked about, kept when trusted, and then known", async () => {
    const { questions, person } = trustingOnceAsked();
    const connection = await client.connections.connect(request(), person);
    await connection.close();
    await client.connections.connect(request(), unattended);
    const name = `[127.0.0.1]:${server.port}`;
    expect(questions).toEqual([
      {
        host: "127.0.0.1",
        port: server.port,
        knownHostsName: name,
        key: server.hostKey,
        verdict: { kind: "unknown" },
      },
    ]);
    expect(await client.knownHosts.list()).toMatchObject([{ hosts: name, key: server.hostKey }]);
  });

  it("that is refused leads to no authentication", async () => {
    await expect(client.connections.connect(request(), unattended)).rejects.toMatchObject({
      detail: { code: "host-key-not-trusted", key: server.hostKey },
    });
    expect(await client.knownHosts.list()).toEqual([]);
  });

  it("may be refused after the server has disconnected, without an unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const late: Interaction = {
      ...unattended,
      confirmHostKey: async (_question, signal) => {
        const over = once(signal, "abort");
        await server.halt();
        await over;
        return "refuse";
      },
    };
    await expect(client.connections.connect(request(), late)).rejects.toMatchObject({
      detail: { code: "disconnected" },
    });
    // Node tells of it once what runs at the moment is through.
    await setImmediate();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("the server's log", () => {
  it("shows that a refused key led to no authentication, and a trusted one did", async () => {
    await client.connections.connect(request(), unattended).catch(() => undefined);
    expect(await authenticationTried()).toBe(false);
    await client.connections.connect(request(), trusting);
    expect(await authenticationTried()).toBe(true);
  });
});

describe("a changed host key", () => {
  it.each(["our own store", "the user's store"])(
    "known from %s is refused without a question",
    async (store) => {
      const other = await startSshd();
      const line = `[127.0.0.1]:${server.port} ${other.hostKey.type} ${other.hostKey.base64}\n`;
      const file =
        store === "our own store" ? client.knownHosts.file : join(client.home, ".ssh", "known_hosts");
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, line);
      await other.stop();
      await expect(client.connections.connect(request(), trusting)).rejects.toMatchObject({
        detail: {
          code: "host-key-rejected",
          key: server.hostKey,
          verdict: { kind: "changed", known: [{ file, line: 1, key: other.hostKey }] },
        },
      });
      expect(await authenticationTried()).toBe(false);
    },
  );
});

describe("a name that stands for two machines", () => {
  it("is known by both keys once somebody has said so, and a third one is refused", async () => {
    const { port } = server;
    const connect = async (): Promise<void> =>
      (await client.connections.connect(request(), trusting)).close();
    const name = `[127.0.0.1]:${port}`;
    await connect();
    await server.halt();
    const second = await startSshd({ port });
    const visitSecond = async (): Promise<void> => {
      const asked = { target: targetOf(second), credentials: credentialsOf(second) };
      await (await client.connections.connect(asked, trusting)).close();
    };
    await expect(visitSecond()).rejects.toMatchObject({ detail: { code: "host-key-rejected" } });
    expect(client.knownHosts.changed).toHaveLength(1);
    await client.knownHosts.addBeside(name, second.hostKey);
    expect(client.knownHosts.changed).toEqual([]);
    await visitSecond();
    await second.halt();
    await server.resume();
    await connect();
    expect(await client.knownHosts.list()).toMatchObject([{ key: server.hostKey }, { key: second.hostKey }]);
    await server.halt();
    const third = await startSshd({ port });
    await expect(connect()).rejects.toMatchObject({
      detail: { verdict: { kind: "changed", known: [{ key: server.hostKey }, { key: second.hostKey }] } },
    });
    await third.stop();
    await second.stop();
    await server.resume();
  });
});

describe("a revoked host key", () => {
  it("is refused even where another line trusts it", async () => {
    await client.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
    const file = join(client.home, ".ssh", "known_hosts");
    await writeFile(file, `@revoked * ${server.hostKey.type} ${server.hostKey.base64}\n`);
    await expect(client.connections.connect(request(), trusting)).rejects.toMatchObject({
      detail: { code: "host-key-rejected", verdict: { kind: "revoked", file } },
    });
  });
});
