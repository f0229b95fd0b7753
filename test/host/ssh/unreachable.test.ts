import { writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestClient, targetOf, type TestClient, trusting } from "../../support/client.js";
import { freePort } from "../../support/ports.js";
import { makeKey, startSshd } from "../../support/sshd.js";

let client: TestClient;
const servers: Server[] = [];
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const connectTo = (host: string, port: number) =>
  client.connections.connect({ target: { host, port, user: "ada" } }, trusting);

it("a name that does not exist", async () => {
  await expect(connectTo("no-such-host.invalid", 22)).rejects.toMatchObject({
    detail: { code: "host-not-found", host: "no-such-host.invalid" },
  });
});

it("a port where nothing listens", async () => {
  const port = await freePort();
  await expect(connectTo("127.0.0.1", port)).rejects.toMatchObject({
    detail: { code: "connection-refused", port },
  });
});

it("an HTTP server", async () => {
  const port = await listen(createHttpServer((_request, response) => response.end("hello")));
  await expect(connectTo("127.0.0.1", port)).rejects.toMatchObject({
    detail: { code: "not-an-ssh-server", port },
  });
});

it("a server that hangs up at once", async () => {
  const port = await listen(createServer((socket) => socket.destroy()));
  await expect(connectTo("127.0.0.1", port)).rejects.toMatchObject({
    detail: { code: "disconnected", reason: "", port },
  });
});

it("a server that has too many others to serve says so", async () => {
  const port = await listen(createServer((socket) => socket.end("Exceeded MaxStartups\r\n")));
  await expect(connectTo("127.0.0.1", port)).rejects.toMatchObject({
    detail: { code: "disconnected", reason: "Exceeded MaxStartups" },
  });
});

it("a server that knows no key exchange of ours, nor of the system's ssh", async () => {
  const server = await startSshd({ config: ["KexAlgorithms diffie-hellman-group1-sha1"] });
  await expect(client.connectTo(server)).rejects.toMatchObject({
    detail: {
      code: "no-common-algorithm",
      reason: "key exchange algorithm",
      openssh: expect.stringContaining("no matching key exchange method") as string,
    },
  });
  await server.stop();
});

it("a server that has had enough of our keys", async () => {
  const server = await startSshd({ config: ["MaxAuthTries 2"] });
  const identityFiles = [1, 2, 3, 4].map((number) => join(server.folder, `stranger-${number}`));
  for (const file of identityFiles) makeKey(file, "ed25519", "");
  await expect(
    client.connections.connect(
      { target: targetOf(server), credentials: { identityFiles, useAgent: false } },
      trusting,
    ),
  ).rejects.toMatchObject({
    detail: { code: "too-many-failures", tried: [expect.any(String), expect.any(String)] },
  });
  await server.stop();
});

it("a host that does not answer in time", async () => {
  const port = await listen(createServer(() => undefined));
  const started = Date.now();
  await writeFile(join(client.home, ".ssh", "config"), "ConnectTimeout 1\n");
  await expect(connectTo("127.0.0.1", port)).rejects.toMatchObject({
    detail: { code: "connect-timed-out", seconds: 1 },
  });
  expect(Date.now() - started).toBeLessThan(15_000);
});
