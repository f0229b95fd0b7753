import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HostKey } from "../../../src/ssh/hostKeys.js";
import { createKnownHosts, type KnownHosts } from "../../../src/ssh/knownHosts.js";
import {
  hostFieldMatches,
  hostKeyOf,
  knownHostsName,
  parseKnownHosts,
} from "../../../src/ssh/knownHostsFile.js";

let folder: string;
let own: string;
let user: string;
let store: KnownHosts;
const keys: Record<"a" | "b" | "rsa", HostKey> = {} as never;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "known-hosts-"));
  for (const [name, type] of [
    ["a", "ed25519"],
    ["b", "ed25519"],
    ["rsa", "rsa"],
  ] as const) {
    execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", join(folder, name)]);
    const [keyType = "", base64 = ""] = (await readFile(join(folder, `${name}.pub`), "utf8"))
      .trim()
      .split(" ");
    keys[name] = hostKeyOf(keyType, Buffer.from(base64, "base64"));
  }
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  const fresh = await mkdtemp(join(folder, "case-"));
  own = join(fresh, "data", "known_hosts");
  user = join(fresh, "known_hosts");
  store = createKnownHosts({ file: own, foreignFiles: [user] });
});

const line = (hosts: string, key: HostKey): string => `${hosts} ${key.type} ${key.base64}`;

/** The host name as `ssh-keygen -H` hashes it. */
async function hashed(name: string, key: HostKey): Promise<string> {
  const file = join(folder, "to-hash");
  await writeFile(file, `${line(name, key)}\n`);
  execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  return (await readFile(file, "utf8")).trim();
}

describe("the fingerprint", () => {
  it("is what ssh-keygen prints", () => {
    for (const name of ["a", "b", "rsa"] as const) {
      const printed = execFileSync("ssh-keygen", ["-lf", join(folder, `${name}.pub`)]).toString();
      expect(printed.split(" ")[1]).toBe(keys[name].fingerprint);
    }
  });
});

describe("verify", () => {
  const { a, b, rsa } = new Proxy(keys, { get: (_, name: "a") => () => keys[name] }) as unknown as Record<
    "a" | "b" | "rsa",
    () => HostKey
  >;
  it.each<[string, () => string, string, string]>([
    ["an empty store", () => "", "gpu", "unknown"],
    ["a plain name", () => line("gpu", a()), "gpu", "match"],
    ["another name", () => line("cpu", a()), "gpu", "unknown"],
    ["one of several names", () => line("cpu,gpu,10.0.0.1", a()), "gpu", "match"],
    ["a name in capitals", () => line("GPU", a()), "gpu", "match"],
    ["a pattern with *", () => line("*.lab", a()), "gpu.lab", "match"],
    ["a pattern with ?", () => line("gpu?", a()), "gpu1", "match"],
    ["a pattern that is too short", () => line("gp", a()), "gpu", "unknown"],
    ["a negated pattern", () => line("*.lab,!gpu.lab", a()), "gpu.lab", "unknown"],
    ["only a negated pattern", () => line("!cpu", a()), "gpu", "unknown"],
    ["a port", () => line("[gpu]:2222", a()), "[gpu]:2222", "match"],
    ["the same host on another port", () => line("gpu", a()), "[gpu]:2222", "unknown"],
    ["another key of the type", () => line("gpu", b()), "gpu", "changed"],
    ["both keys of the type", () => `${line("gpu", b())}\n${line("gpu", a())}`, "gpu", "match"],
    ["a key of another type", () => line("gpu", rsa()), "gpu", "other-type"],
    ["a comment behind the key", () => `${line("gpu", a())} some words`, "gpu", "match"],
    ["line ends of Windows", () => `${line("gpu", a())}\r\n`, "gpu", "match"],
    ["white space before", () => ` \t${line("gpu", a())}`, "gpu", "match"],
    ["a line that is commented out", () => `#${line("gpu", a())}`, "gpu", "unknown"],
    [
      "garbage around",
      () => `\xff\xfe garbage\nx y\n${line("gpu", a())}\n@odd ${line("gpu", b())}`,
      "gpu",
      "match",
    ],
    ["a type that is not the key's", () => `gpu ssh-rsa ${a().base64}`, "gpu", "unknown"],
    ["a revoked key", () => `@revoked ${line("*", a())}\n${line("gpu", a())}`, "gpu", "revoked"],
    ["another revoked key", () => `@revoked ${line("*", b())}\n${line("gpu", a())}`, "gpu", "match"],
    ["a certificate authority", () => `@cert-authority ${line("*", b())}`, "gpu", "ca-only"],
    [
      "an authority and the key",
      () => `@cert-authority ${line("*", b())}\n${line("gpu", a())}`,
      "gpu",
      "match",
    ],
  ])("%s", async (_name, content, name, verdict) => {
    await writeFile(user, Buffer.from(content(), "latin1"));
    expect((await store.verify(name, keys.a)).kind).toBe(verdict);
  });

  it("reads hashed names, with and without a port", async () => {
    await writeFile(user, `${await hashed("gpu", keys.a)}\n${await hashed("[gpu]:2222", keys.b)}\n`);
    expect((await store.verify("gpu", keys.a)).kind).toBe("match");
    expect((await store.verify("gpu", keys.b)).kind).toBe("changed");
    expect((await store.verify("[gpu]:2222", keys.b)).kind).toBe("match");
    expect((await store.verify("cpu", keys.a)).kind).toBe("unknown");
  });

  it("finds a revocation in any store before a match in another", async () => {
    await store.add("gpu", keys.a);
    await writeFile(user, `@revoked ${line("gpu", keys.a)}\n`);
    expect(await store.verify("gpu", keys.a)).toEqual({ kind: "revoked", file: user });
  });

  it("is closed when a store cannot be read", async () => {
    await store.add("gpu", keys.a);
    await mkdir(user);
    expect(await store.verify("gpu", keys.a)).toEqual({ kind: "unreadable", file: user });
  });
});

describe("our own file", () => {
  it("gets one line per key, for us alone", async () => {
    await store.add("gpu", keys.a);
    await store.add("gpu", keys.a);
    await store.add("[gpu]:2222", keys.a);
    expect(await readFile(own, "utf8")).toBe(`${line("gpu", keys.a)}\n${line("[gpu]:2222", keys.a)}\n`);
    expect(await store.knownTypes("gpu")).toEqual(["ssh-ed25519"]);
  });

  it("keeps every other byte when a line is added or removed", async () => {
    const strange = Buffer.concat([
      Buffer.from("# mine\r\n\xff\0garbage\n\n", "latin1"),
      Buffer.from(line("gpu", keys.b)),
    ]);
    await mkdir(join(own, ".."), { recursive: true });
    await writeFile(own, strange);
    await chmod(own, 0o600);
    await store.add("cpu", keys.a);
    expect(await readFile(own)).toEqual(Buffer.concat([strange, Buffer.from(`\n${line("cpu", keys.a)}\n`)]));
    await store.remove({ hosts: "gpu", key: keys.b, marker: undefined });
    expect(await readFile(own)).toEqual(
      Buffer.concat([
        Buffer.from("# mine\r\n\xff\0garbage\n\n", "latin1"),
        Buffer.from(`${line("cpu", keys.a)}\n`),
      ]),
    );
  });

  it("lists what it holds, hashed names as such", async () => {
    await mkdir(join(own, ".."), { recursive: true });
    const entry = await hashed("gpu", keys.a);
    await writeFile(own, `${entry}\n@revoked ${line("old", keys.b)} gone\n`);
    expect(await store.list()).toMatchObject([
      { hashed: true, marker: undefined, line: 1, key: { fingerprint: keys.a.fingerprint } },
      { hashed: false, marker: "@revoked", hosts: "old", comment: "gone", line: 2 },
    ]);
  });
});

describe("agreement with ssh-keygen -F over generated files", () => {
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
  const entry = fc.oneof(
    fc
      .array(pattern, { minLength: 1, maxLength: 3 })
      .map((hosts) => (key: HostKey) => line(hosts.join(","), key)),
    fc
      .constantFrom("", "# note", "garbage", "nobody ssh-ed25519 AAAA", "@unknown gpu x y")
      .map((text) => () => text),
  );

  it("holds for the lines that name a host", async () => {
    const file = join(folder, "generated");
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 6 }),
        fc.boolean(),
        label,
        async (entries, windows, name) => {
          const text = entries.map((make) => make(keys.a)).join(windows ? "\r\n" : "\n") + "\n";
          await writeFile(file, text);
          const ours = parseKnownHosts(Buffer.from(text))
            .filter(({ hosts }) => hostFieldMatches(hosts, name))
            .map((found) => found.line);
          expect(ours).toEqual(linesOfSshKeygen(file, name));
        },
      ),
      { numRuns: 200 },
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

describe("knownHostsName", () => {
  it.each([
    ["GPU.example.com", 22, "gpu.example.com"],
    ["gpu", 2222, "[gpu]:2222"],
    ["::1", 22, "::1"],
  ])("%s port %i is %s", (host, port, name) => {
    expect(knownHostsName(host, port)).toBe(name);
  });
});
