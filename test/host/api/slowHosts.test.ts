import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";

let api: TestApi;
let id: string;
it.beforeAll(async ({ server, strangerApi }) => {
  api = strangerApi;
  await api.app.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
  id = `${server.user}@127.0.0.1:${server.port}`;
  const body = { host: "127.0.0.1", port: server.port, username: server.user };
  await api.request("POST", "/api/remote/connect", { ...body, private_key_path: server.identityFile });
});

describe("slow hosts", () => {
  it("block no other requests", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const stop = new AbortController();
    const body = JSON.stringify({ host: "127.0.0.1", port, username: "nobody" });
    const url = `${api.server.url}/api/remote/connect`;
    const waiting = Array.from({ length: 4 }, () =>
      fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        signal: stop.signal,
      }).catch(() => "gone"),
    );
    const probes = Array.from({ length: 4 }, () =>
      api.request("GET", `/api/remote/ping?connection_id=${id}`),
    );
    const times: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const startedAt = performance.now();
      await api.request("GET", "/api/health");
      times.push(performance.now() - startedAt);
    }
    // The median: the machine may be busy with something else for a moment.
    expect(times.sort((a, b) => a - b)[10]).toBeLessThan(50);
    await Promise.all(probes);
    stop.abort();
    expect(await Promise.all(waiting)).toEqual(["gone", "gone", "gone", "gone"]);
    silent.close();
  });
});
