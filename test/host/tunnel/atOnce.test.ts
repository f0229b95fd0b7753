import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import type { Tunnel, Tunnels } from "../../../src/tunnel/tunnel.js";
import { createTestClient, createTestTunnels, type TestClient } from "../../support/client.js";

import { processesNaming } from "../../support/processes.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/* A tunnel that leads over the connection until the system's ssh, which logs in anew, can carry it. */

let server: Sshd;
let client: TestClient;
let connection: Connection;
let tunnels: Tunnels;
let web: Server;
let answer: RequestListener;
beforeEach(async () => {
  answer = (_request, response) => response.end("page");
  web = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(web, "listening");
  server = await startSshd();
  client = await createTestClient();
  connection = await client.connectTo(server);
  use();
});
afterEach(async () => {
  await tunnels.closeAll();
  expect(await sshOfOurs()).toEqual([]);
  await client.dispose();
  await server.stop();
  web.closeAllConnections();
  web.close();
});

function use(environment: NodeJS.ProcessEnv = process.env): void {
  tunnels = createTestTunnels(["openssh", "in-process"], client.home, environment);
}

const remote = () => ({ host: "127.0.0.1", port: (web.address() as AddressInfo).port });
const open = (): Promise<Tunnel> => tunnels.open(connection, { remote: remote(), atOnce: true });
const sshOfOurs = () => processesNaming(`/runicorn-${process.pid}-`);
const get = ({ localPort }: Tunnel): Promise<string> =>
  fetch(`http://127.0.0.1:${localPort}/`).then((response) => response.text());
const untilSsh = (tunnel: Tunnel): Promise<void> =>
  until("ssh carries it", () => tunnel.backend === "openssh");

it("responds before ssh is ready, then uses it, without cutting requests under way", async () => {
  const tunnel = await open();
  expect(tunnel.backend).toBe("in-process");
  const slow: ServerResponse[] = [];
  answer = (_request, response) => {
    response.write("half ");
    slow.push(response);
  };
  const whole = get(tunnel);
  await until("half an answer is under way", () => slow.length === 1);
  answer = (_request, response) => response.end("page");
  expect(await get(tunnel)).toBe("page");
  await untilSsh(tunnel);
  expect(await sshOfOurs()).toHaveLength(1);
  expect(await get(tunnel)).toBe("page");
  slow[0]?.end("and half");
  expect(await whole).toBe("half and half");
});

it("leaves no ssh behind when it is closed while that logs in", async () => {
  for (let round = 0; round < 3; round += 1) {
    const tunnel = await open();
    await tunnel.close();
    expect(await sshOfOurs()).toEqual([]);
  }
});

it("stays where ssh cannot carry", async () => {
  const program = join(client.home, "failing");
  const mark = join(client.home, "mark");
  await writeFile(program, `#!/bin/sh\n: >${mark}\nexit 255\n`, { mode: 0o755 });
  use({ ...process.env, RUNICORN_SSH_PATH: program });
  const tunnel = await open();
  await until("ssh was tried", () => existsSync(mark));
  expect(await get(tunnel)).toBe("page");
  expect(tunnel.backend).toBe("in-process");
});

it("stays on the connection, and says so, if ssh gets an unconfirmed host key", async () => {
  const program = join(client.home, "distrusting");
  const options =
    "-o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes";
  await writeFile(program, `#!/bin/sh\nexec ssh ${options} "$@"\n`, { mode: 0o755 });
  use({ ...process.env, RUNICORN_SSH_PATH: program });
  const tunnel = await open();
  let isLost = false;
  tunnel.onDidLose(() => (isLost = true));
  await until("ssh has refused it", () => tunnel.isRefusedBySsh);
  expect(await get(tunnel)).toBe("page");
  expect([tunnel.backend, isLost]).toEqual(["in-process", false]);
  await tunnel.resume(connection, remote());
  expect(await get(tunnel)).toBe("page");
  await until("ssh has refused it again", () => tunnel.isRefusedBySsh);
});

it("is lost where the host's key is revoked, and is not led on", async () => {
  const { type, base64 } = server.hostKey;
  await writeFile(join(client.home, ".ssh", "known_hosts"), `@revoked * ${type} ${base64}\n`);
  const tunnel = await open();
  expect(await nextEvent(tunnel.onDidLose)).toMatchObject({ code: "tunnel-host-key-refused" });
  expect(tunnel.backend).toBe(undefined);
  await expect(tunnel.resume(connection, remote())).rejects.toMatchObject({
    detail: { code: "tunnel-host-key-refused" },
  });
});

it("answers again at once when its ssh is killed and it is resumed", async () => {
  const tunnel = await open();
  await untilSsh(tunnel);
  const lost = nextEvent(tunnel.onDidLose);
  for (const { pid } of await sshOfOurs()) process.kill(pid, "SIGKILL");
  // Nobody knows before somebody wants through.
  await get(tunnel).catch(() => undefined);
  expect(await lost).toMatchObject({ code: "connection-lost" });
  await tunnel.resume(connection, remote());
  expect(await get(tunnel)).toBe("page");
  await untilSsh(tunnel);
});
