import { expect, it } from "vitest";
import type { OpensshHost } from "../../../../src/ssh/model/opensshRoute.js";
import { opensshFiles } from "../../../../src/ssh/openssh/configuration.js";

const host = (more: Partial<OpensshHost> = {}): OpensshHost => ({
  target: { host: "gpu" },
  login: { kind: "file", path: "/home/ada/100% mine/id" },
  knownHostsFiles: ["/data/known_hosts"],
  hostKeyTypes: ["ssh-rsa"],
  hasForwards: false,
  ...more,
});

it("may ask only about keys that ssh finds by itself, and only where it is told so", () => {
  const login = { kind: "own", identityFiles: [], identitiesOnly: false, agent: undefined } as const;
  const hosts = [host(), host({ target: { host: "own" }, login: { ...login, onlyOpensshKeyTypes: true } })];
  const [never = "", sometimes = ""] = [false, true].map(
    (mayAsk) => opensshFiles(hosts, "/tmp/x", [], mayAsk)?.configuration,
  );
  expect(never).not.toMatch(/BatchMode no/);
  const [before = "", own = ""] = sometimes.split("Host own");
  expect(before).not.toMatch(/BatchMode/);
  expect(own).toMatch(/PreferredAuthentications publickey[^]*BatchMode no[^]*BatchMode yes/);
});

it("ours comes before the user's files, and the ciphers after them", () => {
  const agent = { kind: "agent", address: "/run/agent", publicKey: "ssh-ed25519 AAAA" } as const;
  const files = opensshFiles(
    [host({ target: { host: "login", port: 2222 }, login: agent }), host()],
    "/tmp/runicorn-1-abcdef",
    ["/home/ada/.ssh/config", "/etc/ssh/ssh_config"],
  );
  expect(Object.fromEntries(files?.publicKeys ?? [])).toEqual({ "key-0.pub": "ssh-ed25519 AAAA\n" });
  const lines = files?.configuration.split("\n") ?? [];
  expect(lines.slice(0, 11)).toEqual([
    "Host login",
    'UserKnownHostsFile "/data/known_hosts"',
    "HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256",
    'IdentityFile "/tmp/runicorn-1-abcdef/key-0.pub"',
    "IdentitiesOnly yes",
    'IdentityAgent "/run/agent"',
    "Host gpu",
    'UserKnownHostsFile "/data/known_hosts"',
    "HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256",
    'IdentityFile "/home/ada/100%% mine/id"',
    "IdentitiesOnly yes",
  ]);
  const index = (start: string): number => lines.findIndex((line) => line.startsWith(start));
  expect(index("BatchMode yes")).toBeLessThan(index("Include"));
  expect(lines.filter((line) => line.startsWith("Include"))).toEqual([
    'Include "/home/ada/.ssh/config"',
    'Include "/etc/ssh/ssh_config"',
  ]);
  expect(index("Ciphers aes128-gcm")).toBeGreaterThan(index("Include"));
});

it.each(['/home/"ada"/id', "/home/ada\nProxyCommand evil/id", "/home/${USER}/id"])(
  "what no configuration can say is no configuration: %j",
  (path) => {
    expect(opensshFiles([host({ login: { kind: "file", path } })], "/tmp/x", [])).toBeUndefined();
    expect(opensshFiles([host({ knownHostsFiles: [path] })], "/tmp/x", [])).toBeUndefined();
  },
);
