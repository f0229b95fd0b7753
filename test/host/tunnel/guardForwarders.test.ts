import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it } from "vitest";
import { openGuardedPort, plainForwarder } from "../../support/guardedPort.js";
import { until } from "../../support/until.js";

it("what comes by another forwarder is not cut when the one before ends", async () => {
  let finish: (() => void) | undefined;
  const port = await openGuardedPort(({ method }, response) => {
    if (method === "HEAD") return response.end();
    response.write("half ");
    finish = () => response.end("whole");
  });
  const first = createServer(({ url }, response) => response.end(`first ${url}`)).listen(0, "127.0.0.1");
  await once(first, "listening");
  const next = port.forwarder;
  port.forwarder = plainForwarder((first.address() as AddressInfo).port);
  const socket = connect(port.port, "127.0.0.1");
  let said = "";
  let isOver = false;
  socket.on("data", (chunk: Buffer) => (said += chunk.toString()));
  socket.on("end", () => (isOver = true)).on("error", () => undefined);
  const ask = `GET / HTTP/1.1\r\nHost: localhost:${port.port}\r\n`;
  socket.write(`${ask}\r\n`);
  await until("the first forwarder has carried", () => said.includes("first /"));
  port.forwarder = next;
  socket.write(`${ask}Connection: close\r\n\r\n`);
  await until("the second answer has begun", () => said.includes("half"));
  first.closeAllConnections();
  first.close();
  await once(first, "close");
  // Another way there and back: as long as an end would take.
  expect((await fetch(`${port.url}/`, { method: "HEAD" })).status).toBe(200);
  expect(isOver).toBe(false);
  finish?.();
  await until("it is whole", () => /whole\r\n0\r\n\r\n$/.test(said));
  await port.dispose();
});
