import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../../src/common/logger.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { createStreamRelays } from "../../../../src/tunnel/relay/streamRelay.js";
import { type LocalShell, startLocalShell } from "../../../support/localShell.js";
import { until } from "../../../support/until.js";

describe.skipIf(process.platform === "win32")("the relay on a host whose Python says nothing", () => {
  let folder: string;
  let shells: LocalShell[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "silent-python-"));
    shells = [];
    // As on a file system that does not answer.
    const silent = `#!/bin/sh\n: >'${folder}/started'\nexec sleep 600\n`;
    await writeFile(join(folder, "python3"), silent, { mode: 0o755 });
  });
  afterEach(async () => {
    vi.useRealTimers();
    for (const { process } of shells) process.kill();
    await rm(folder, { recursive: true });
  });

  it("is given up after a minute, and ended there; the next wish starts another one", async () => {
    const spawn = (_command: string, { input }: { readonly input: Buffer }) => {
      const shell = startLocalShell(["sh"], Buffer.concat([Buffer.from(`PATH='${folder}':$PATH\n`), input]));
      shells.push(shell);
      return Promise.resolve(shell.process);
    };
    const connection = { id: "ada@gpu:22", target: { host: "gpu" }, spawn } as unknown as Connection;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const relay = createStreamRelays(silentLogger).of(connection);
    let failure: unknown;
    const ready = relay.ready().catch((error: unknown) => (failure = error));
    await until("its Python is started", () => existsSync(join(folder, "started")));
    await vi.advanceTimersByTimeAsync(60_000);
    await until("it is given up", () => failure !== undefined, 5_000);
    await ready;
    expect(failure).toMatchObject({
      detail: { code: "stream-relay-failed", host: "gpu", output: "it does not answer" },
    });
    await shells[0]?.process.ended;
    void relay.ready().catch(() => undefined);
    await until("another one is started", () => shells.length === 2);
  });
});
