// What the guard before a forwarded port costs, beside a pipe that looks at nothing, over the same tunnels, in one run:
//   npm run bench:guard
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import { silentLogger } from "../../src/common/logger.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import type { Forwarder } from "../../src/tunnel/forwarder.js";
import { openLocalPort } from "../../src/tunnel/localPort.js";
import { createOpenForwarder } from "../../src/tunnel/openForwarder.js";
import { createStreamRelays } from "../../src/tunnel/relay/streamRelay.js";
import { createTestClient, testPages } from "../support/client.js";
import { guardKey, plainForwarder } from "../support/guardedPort.js";
import { startSshd } from "../support/sshd.js";
import { askFromSide, median } from "./figures.js";

const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 5);
const counts = { kept: 1_000, new: 300, file: 20 };
const side = "test/bench/guardSide.mjs";

const web = spawn(process.execPath, [side, "serve"], { stdio: ["ignore", "pipe", "inherit"] });
const [line] = (await once(web.stdout, "data")) as [Buffer];
const remote = { host: "127.0.0.1", port: Number(line.toString()) };
const sshd = await startSshd();
const client = await createTestClient();
const connection = await client.connectTo(sshd);
const program = createSshProgram({ home: client.home, environment: process.env });
const direct = plainForwarder(remote.port);
/** As over a line on which a stream takes that long to open. */
const farAway: Forwarder = {
  ...direct,
  isOpen: true,
  connect: async () => {
    await setTimeout(10);
    return direct.connect();
  },
};
const forwarders: [string, Forwarder][] = [
  ["nothing", direct],
  ["nothing, streams open in 10 ms", farAway],
];
for (const backend of ["openssh", "in-process"] as const) {
  const open = createOpenForwarder({
    program,
    backends: () => [backend],
    relays: createStreamRelays(silentLogger),
    logger: silentLogger,
  });
  forwarders.push([backend, await open(connection, { remote })]);
}
try {
  const rows: Record<string, unknown>[] = [];
  for (const [name, forwarder] of forwarders) {
    const pipe = await openPipe(forwarder);
    const guarded = await openLocalPort(undefined, {
      key: guardKey,
      pages: testPages,
      openToPrograms: false,
    });
    guarded.forwarder = forwarder;
    for (const kind of ["kept", "new", "file"] as const) {
      const taken: Record<"pipe" | "guard", number[]> = { pipe: [], guard: [] };
      for (let turn = 0; turn < repetitions; turn += 1) {
        const ways = [["pipe", pipe.port] as const, ["guard", guarded.port] as const];
        for (const [way, port] of turn % 2 === 0 ? ways : ways.reverse())
          taken[way].push(median(await askFromSide(port, kind, counts[kind])));
      }
      const [before, after] = [median(taken.pipe), median(taken.guard)];
      const figure = (ms: number): string =>
        kind === "file" ? `${Math.round(20_000 / ms)} MB/s` : `${ms.toFixed(2)} ms`;
      rows.push({
        forwarder: name,
        what: { kept: "a request", new: "a request, new connection", file: "20 MB" }[kind],
        pipe: figure(before),
        guard: figure(after),
        difference: `${(after - before).toFixed(2)} ms`,
        ratio: (after / before).toFixed(2),
      });
    }
    pipe.close();
    await guarded.close();
  }
  console.table(rows);
  const sockets = (await readFile("/proc/net/tcp", "latin1")).split("\n").length - 2;
  const load = loadavg()[0]?.toFixed(1) ?? "";
  console.log(
    `medians of ${repetitions} turns, load ${load}, ${sockets} connections in the system's table at the end`,
  );
} finally {
  for (const [, forwarder] of forwarders) await forwarder.close();
  await client.dispose();
  await sshd.stop();
  web.kill();
}

/** A local port that passes bytes on and looks at none. */
async function openPipe(forwarder: Forwarder): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    void forwarder.connect().then((stream) => {
      stream.on("error", () => undefined);
      stream.pipe(socket);
      socket.pipe(stream);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
