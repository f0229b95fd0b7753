import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createKnownHosts } from "../../../src/ssh/hostKeys/knownHosts.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "together-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("eight processes accept and remove a hundred keys each: none is lost, and no reader ever sees half a file", async () => {
  const file = join(folder, "known_hosts");
  const first = "# not ours\r\n\xff garbage\n";
  await writeFile(file, Buffer.from(first, "latin1"));
  const program = join("test", "support", "knownHostsWriter.ts");
  const writers = Array.from({ length: 8 }, (_, index) =>
    spawn(process.execPath, [join("test", "support", "run-ts.mjs"), program, file, `host${index}`, "100"], {
      stdio: ["ignore", "inherit", "inherit"],
    }),
  );
  let running = true;
  const ended = Promise.all(writers.map((writer) => once(writer, "exit"))).finally(() => (running = false));
  let looks = 0;
  while (running) {
    const text = await readFile(file, "latin1");
    expect(text.startsWith(first)).toBe(true);
    const lines = text.slice(first.length).split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines)
      expect(line).toMatch(/^host\d-\d+ ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}$/);
    looks += 1;
  }
  expect((await ended).map(([status]) => status as number)).toEqual(Array(8).fill(0));
  expect(looks).toBeGreaterThan(10);
  const kept = (await createKnownHosts({ file, foreignFiles: [] }).list()).map(({ hosts }) => hosts);
  const expected = Array.from({ length: 8 }, (_, host) =>
    Array.from({ length: 50 }, (_unused, index) => `host${host}-${index * 2}`),
  );
  expect(kept.sort()).toEqual(expected.flat().sort());
  expect(await readdir(folder)).toEqual(["known_hosts"]);
}, 120_000);
