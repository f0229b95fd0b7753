import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKnownHosts } from "../../../../src/ssh/hostKeys/knownHosts.js";
import { hostFieldMatches, parseKnownHosts } from "../../../../src/ssh/hostKeys/knownHostsFile.js";
import { knownHostsLine as line, makeHostKeys, type TestHostKeys } from "../../../support/hostKeys.js";

let folder: string;
let keys: TestHostKeys;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "known-hosts-"));
  keys = await makeHostKeys(folder);
});
afterAll(() => rm(folder, { recursive: true }));

describe("agreement with ssh-keygen over generated files", () => {
  const label = fc.constantFrom(
    "gpu",
    "cpu",
    "gpu1",
    "gpu.lab",
    "a.lab",
    "10.0.0.1",
    "[gpu]:2222",
    "[a.lab]:22",
  );
  const pattern = fc.oneof(label, fc.constantFrom("*.lab", "gpu?", "*", "!gpu", "!*.lab", "[gpu]:*", "G*"));
  const names = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((hosts) => hosts.join(","));
  const hash = fc.tuple(label, fc.uint8Array({ minLength: 20, maxLength: 20 })).map(([name, salt]) => {
    const digest = createHmac("sha1", salt).update(name).digest("base64");
    return `|1|${Buffer.from(salt).toString("base64")}|${digest}`;
  });
  const marker = fc.constantFrom("", "", "", "@revoked ", "@cert-authority ");
  const entry = fc
    .tuple(marker, fc.oneof({ arbitrary: names, weight: 3 }, hash), fc.constantFrom("a", "b", "rsa"))
    .map(
      ([mark, hosts, key]) =>
        () =>
          mark + line(hosts, keys[key as "a"]),
    );
  const comment = fc.constantFrom("", "# note", "  # gpu").map((text) => () => text);
  const garbage = fc
    .constantFrom("garbage", "nobody ssh-ed25519 AAAA", "@unknown gpu x y")
    .map((text) => () => text);
  const textOf = (lines: readonly (() => string)[], windows: boolean): string =>
    lines.map((make) => `${make()}${windows ? "\r" : ""}\n`).join("");

  it("holds for the lines that name a host (-F)", async () => {
    const file = join(folder, "generated");
    const lines = fc.array(fc.oneof({ arbitrary: entry, weight: 4 }, comment, garbage), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), label, async (made, windows, name) => {
        const text = textOf(made, windows);
        await writeFile(file, text);
        const ours = parseKnownHosts(Buffer.from(text))
          .filter(({ hosts }) => hostFieldMatches(hosts, name))
          .map((found) => found.line);
        expect(ours).toEqual(linesOfSshKeygen(file, name));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("holds for every byte that removing a host leaves (-R)", async () => {
    const lines = fc.array(fc.oneof({ arbitrary: entry, weight: 4 }, comment), { maxLength: 6 });
    const theirs = join(folder, "theirs");
    const ours = join(folder, "ours");
    const removing = createKnownHosts({ file: ours, foreignFiles: [] });
    await fc.assert(
      fc.asyncProperty(lines, label, async (made, name) => {
        const text = textOf(made, false);
        await writeFile(theirs, text);
        await writeFile(ours, text);
        execFileSync("ssh-keygen", ["-q", "-R", name, "-f", theirs], { stdio: "ignore" });
        for (const found of await removing.list()) {
          if (found.marker === undefined && hostFieldMatches(found.hosts, name)) await removing.remove(found);
        }
        expect(await readFile(ours, "utf8")).toBe(await readFile(theirs, "utf8"));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("holds for the fingerprints of a whole file (-lf)", async () => {
    const file = join(folder, "fingerprints");
    const plain = fc.tuple(names, fc.constantFrom("a", "b", "rsa")).map(
      ([hosts, key]) =>
        () =>
          line(hosts, keys[key as "a"]),
    );
    const lines = fc.array(plain, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lines, async (made) => {
        const text = textOf(made, false);
        await writeFile(file, text);
        const printed = execFileSync("ssh-keygen", ["-lf", file]).toString().trim().split("\n");
        const ours = parseKnownHosts(Buffer.from(text)).map(({ key }) => key.fingerprint);
        expect(ours).toEqual(printed.map((row) => row.split(" ")[1]));
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

/** The numbers that `ssh-keygen -F` names, e.g. `# Host gpu found: line 2`. */
function linesOfSshKeygen(file: string, name: string): number[] {
  try {
    const printed = execFileSync("ssh-keygen", ["-F", name, "-f", file], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    return [...printed.toString().matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
  } catch {
    return [];
  }
}
