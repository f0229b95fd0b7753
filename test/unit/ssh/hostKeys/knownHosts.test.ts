import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HostKey } from "../../../../src/ssh/model/hostKeys.js";
import { createKnownHosts, type KnownHosts } from "../../../../src/ssh/hostKeys/knownHosts.js";
import { knownHostsName } from "../../../../src/ssh/hostKeys/knownHostsFile.js";
import { knownHostsLine as line, makeHostKeys, type TestHostKeys } from "../../../support/hostKeys.js";

let folder: string;
let own: string;
let user: string;
let store: KnownHosts;
let keys: TestHostKeys;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "known-hosts-"));
  keys = await makeHostKeys(folder);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  const fresh = await mkdtemp(join(folder, "case-"));
  own = join(fresh, "data", "known_hosts");
  user = join(fresh, "known_hosts");
  store = createKnownHosts({ file: own, foreignFiles: [user] });
});

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
  const a = (): HostKey => keys.a;
  const b = (): HostKey => keys.b;
  const rsa = (): HostKey => keys.rsa;
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
    // Names
    ["a name in capitals in the list", () => line("CPU,Gpu.Lab", a()), "gpu.lab", "match"],
    ["an address of version 6", () => line("fe80::1", a()), "fe80::1", "match"],
    ["an address of version 6 with a port", () => line("[fe80::1]:2222", a()), "[fe80::1]:2222", "match"],
    ["a zone in an address", () => line("fe80::1%eth0", a()), "fe80::1%eth0", "match"],
    ["another port", () => line("[gpu]:2223", a()), "[gpu]:2222", "unknown"],
    ["the usual port in brackets is another name", () => line("[gpu]:22", a()), "gpu", "unknown"],
    ["a pattern over ports", () => line("[gpu]:*", a()), "[gpu]:2222", "match"],
    ["a pattern over names with a port", () => line("[*.lab]:2222", a()), "[a.lab]:2222", "match"],
    ["everything", () => line("*", a()), "gpu", "match"],
    ["everything, and a port", () => line("*", a()), "[gpu]:2222", "match"],
    ["a pattern with several stars", () => line("*g*p*u*", a()), "my-gpu-1", "match"],
    ["a pattern that needs more", () => line("gpu?", a()), "gpu", "unknown"],
    ["a pattern of stars against a long name", () => line("*a*a*a*a*a*a*b", a()), "a".repeat(200), "unknown"],
    ["brackets that are no pattern", () => line("[gp]u", a()), "gu", "unknown"],
    ["a negation first", () => line("!gpu.lab,*.lab", a()), "gpu.lab", "unknown"],
    ["a negation of another", () => line("*.lab,!cpu.lab", a()), "gpu.lab", "match"],
    ["a negated pattern over all", () => line("gpu,!*", a()), "gpu", "unknown"],
    ["an empty name in the list", () => line(",gpu,", a()), "gpu", "match"],
    ["a name that begins alike", () => line("gpu", a()), "gpu2", "unknown"],
    // Keys
    ["a changed key among patterns", () => line("*", b()), "gpu", "changed"],
    ["a match after a changed one", () => `${line("*", b())}\n${line("gpu", a())}`, "gpu", "match"],
    ["another type and a changed one", () => `${line("gpu", rsa())}\n${line("gpu", b())}`, "gpu", "changed"],
    ["a changed key of another host", () => line("cpu", b()), "gpu", "unknown"],
    ["a key cut short", () => `gpu ssh-ed25519 ${a().base64.slice(0, 8)}`, "gpu", "unknown"],
    ["a key that is no base64", () => "gpu ssh-ed25519 !!!!", "gpu", "unknown"],
    [
      "a key with a byte too many",
      () => line("gpu", { ...a(), base64: `${a().base64}AA==` }),
      "gpu",
      "changed",
    ],
    ["no key", () => "gpu ssh-ed25519", "gpu", "unknown"],
    ["a name alone", () => "gpu", "gpu", "unknown"],
    // Markers
    [
      "a revoked key of another host",
      () => `@revoked ${line("cpu", a())}\n${line("gpu", a())}`,
      "gpu",
      "match",
    ],
    ["a revoked key alone", () => `@revoked ${line("gpu", a())}`, "gpu", "revoked"],
    [
      "a revocation after the match",
      () => `${line("gpu", a())}\n@revoked ${line("gpu", a())}`,
      "gpu",
      "revoked",
    ],
    ["a revocation over a pattern", () => `@revoked ${line("*.lab", a())}`, "gpu.lab", "revoked"],
    ["a revocation that leaves the host out", () => `@revoked ${line("*,!gpu", a())}`, "gpu", "unknown"],
    [
      "a revoked key, and a changed one",
      () => `${line("gpu", b())}\n@revoked ${line("gpu", a())}`,
      "gpu",
      "revoked",
    ],
    ["an authority of another host", () => `@cert-authority ${line("*.lab", b())}`, "gpu", "unknown"],
    ["an authority with this very key", () => `@cert-authority ${line("gpu", a())}`, "gpu", "ca-only"],
    [
      "an authority and a changed key",
      () => `@cert-authority ${line("*", rsa())}\n${line("gpu", b())}`,
      "gpu",
      "changed",
    ],
    [
      "an authority and another type",
      () => `@cert-authority ${line("*", b())}\n${line("gpu", rsa())}`,
      "gpu",
      "other-type",
    ],
    [
      "a marker in capitals is none",
      () => `@REVOKED ${line("gpu", a())}\n${line("gpu", a())}`,
      "gpu",
      "match",
    ],
    ["a marker alone", () => `@revoked\n${line("gpu", a())}`, "gpu", "match"],
    // Lines
    ["tabs between", () => `gpu\tssh-ed25519\t${a().base64}\tcomment`, "gpu", "match"],
    ["many blanks between", () => `gpu    ssh-ed25519   ${a().base64}`, "gpu", "match"],
    ["no line break at the end", () => `# first\n${line("gpu", a())}`, "gpu", "match"],
    ["empty lines around", () => `\n\n\r\n${line("gpu", a())}\n\n`, "gpu", "match"],
    ["a comment with a name in it", () => `# ${line("gpu", b())}\n${line("gpu", a())}`, "gpu", "match"],
    [
      "a very long line before",
      () => `${"x,".repeat(50_000)}y ssh-rsa AAAA\n${line("gpu", a())}`,
      "gpu",
      "match",
    ],
    ["a NUL in a line", () => `\0gpu ssh-ed25519 ${a().base64}\n${line("cpu", a())}`, "cpu", "match"],
    ["a comment of bytes that are no text", () => `${line("gpu", a())} \xff\xfe`, "gpu", "match"],
    ["a hashed name that is damaged", () => line("|1|AAAA|====", a()), "gpu", "unknown"],
    ["a hash of a version to come", () => line("|2|AAAA|AAAA", a()), "gpu", "unknown"],
    ["a hash and more", () => line("|1||", a()), "gpu", "unknown"],
  ])("%s", async (_name, content, name, verdict) => {
    await writeFile(user, Buffer.from(content(), "latin1"));
    expect((await store.verify(name, keys.a)).kind).toBe(verdict);
  });

  it("is the same in either store", async () => {
    await store.add("gpu", keys.b);
    expect(await store.verify("gpu", keys.a)).toEqual({
      kind: "changed",
      known: [{ key: keys.b, file: own, line: 1 }],
    });
    await writeFile(user, `${line("gpu", keys.a)}\n`);
    expect((await store.verify("gpu", keys.a)).kind).toBe("match");
    expect((await store.verify("gpu", keys.b)).kind).toBe("match");
    expect((await store.verify("gpu", keys.a, [])).kind).toBe("changed");
  });

  it("reads revocations and authorities of hashed names", async () => {
    const [gpu, cpu] = [await hashed("gpu", keys.a), await hashed("cpu", keys.b)];
    await writeFile(user, `@revoked ${gpu}\n@cert-authority ${cpu}\n`);
    expect((await store.verify("gpu", keys.a)).kind).toBe("revoked");
    expect((await store.verify("cpu", keys.a)).kind).toBe("ca-only");
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

  it("replaces only the changed key with the new one", async () => {
    const before = [
      line("gpu", keys.b),
      `@revoked ${line("gpu", keys.b)}`,
      line("gpu", keys.rsa),
      line("cpu", keys.b),
    ];
    await mkdir(join(own, ".."), { recursive: true });
    await writeFile(own, `${before.join("\n")}\n`);
    await store.replace("gpu", keys.a);
    await store.replace("gpu", keys.a);
    expect(await readFile(own, "utf8")).toBe(`${[...before.slice(1), line("gpu", keys.a)].join("\n")}\n`);
    expect((await store.verify("gpu", keys.a)).kind).toBe("match");
  });

  it("copies lines that only another file has, verbatim", async () => {
    await store.add("gpu", keys.a);
    const secret = await hashed("cpu", keys.b);
    const lines = [
      line("gpu", keys.a),
      `${secret} mine`,
      `@revoked ${line("*", keys.rsa)}`,
      `@cert-authority ${line("*.lab", keys.b)}`,
    ];
    await writeFile(user, `# comment\n${lines.join("\n")}\n`);
    const missing = await store.missingFrom(user);
    expect(missing.map((entry) => entry.line)).toEqual([3, 4]);
    await store.addAll([...missing, ...missing]);
    expect(await readFile(own, "utf8")).toBe(`${[lines[0], secret, lines[2]].join("\n")}\n`);
    expect(await store.missingFrom(user)).toEqual([]);
    expect(await store.missingFrom(join(folder, "nowhere"))).toEqual([]);
    // The old key of a host whose key was replaced does not come back.
    await writeFile(
      user,
      `${line("gpu", keys.b)}\n${await hashed("gpu", keys.b)}\n${line("gpu", keys.rsa)}\n`,
    );
    expect((await store.missingFrom(user)).map((entry) => entry.line)).toEqual([3]);
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

describe("knownHostsName", () => {
  it.each([
    ["GPU.example.com", 22, "gpu.example.com"],
    ["gpu", 2222, "[gpu]:2222"],
    ["::1", 22, "::1"],
  ])("%s port %i is %s", (host, port, name) => {
    expect(knownHostsName(host, port)).toBe(name);
  });
});
