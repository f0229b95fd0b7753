import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectOrEnd } from "../../../src/tunnel/opensshForwarder.js";
import { findProgram } from "../../support/packages.js";

/** Listens with room for one connection, and accepts none before it is told to. Node's own servers accept at once. */
const busyServer = `
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(0)
print("listening", flush=True)
sys.stdin.readline()
accepted = [server.accept() for _ in range(8)]
sys.stdin.readline()
`;

it.skipIf(process.platform !== "linux" || !findProgram("python3"))(
  "waits for a place in the backlog of the socket, and rejects nothing",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "backlog-"));
    const path = join(folder, "s");
    const server = spawn("python3", ["-c", busyServer, path]);
    try {
      await once(server.stdout, "data");
      let isEnded = false;
      let settled = 0;
      const streams = Array.from({ length: 8 }, async () => {
        const stream = connectOrEnd(path, () => Promise.resolve(void (isEnded = true)));
        await stream.finally(() => (settled += 1));
        return stream;
      });
      const all = Promise.all(streams);
      await Promise.race(streams);
      expect(settled).toBeLessThan(8);
      server.stdin.write("\n");
      for (const stream of await all) stream.destroy();
      expect(isEnded).toBe(false);
    } finally {
      server.kill();
      await rm(folder, { recursive: true });
    }
  },
);
