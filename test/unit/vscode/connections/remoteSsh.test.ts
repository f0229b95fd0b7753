import { describe, expect, it } from "vitest";
import type { Target } from "../../../../src/ssh/model/target.js";
import { thisMachine } from "../../../../src/ssh/model/thisMachine.js";
import { remoteAuthority } from "../../../../src/vscode/connections/remoteSsh.js";

const decoded = (target: Target): unknown => {
  const [, digits = ""] = /^ssh-remote\+([0-9a-f]+)$/.exec(remoteAuthority(target) ?? "") ?? [];
  return JSON.parse(Buffer.from(digits, "hex").toString());
};

describe("the authority of a host's windows", () => {
  it.each(["gpu", "gpu-01.example", "10.0.0.1", "192.168.3.1", "a100", "cafe", "7b22", "a_b"])(
    "is an alias as it is: %s",
    (host) => {
      expect(remoteAuthority({ host })).toBe(`ssh-remote+${host}`);
    },
  );

  it.each<[Target, unknown]>([
    [{ host: "GPU" }, { hostName: "GPU" }],
    [
      { host: "gpu", user: "ada" },
      { hostName: "gpu", user: "ada" },
    ],
    [
      { host: "gpu", port: 2222 },
      { hostName: "gpu", port: 2222 },
    ],
    [
      { host: "::1", user: "Ada.L", port: 22 },
      { hostName: "::1", user: "Ada.L", port: 22 },
    ],
    [{ host: "größe" }, { hostName: "größe" }],
  ])("is JSON in hexadecimal digits for %j", (target, expected) => {
    expect(decoded(target)).toEqual(expected);
  });

  it.each([
    "31-gpu",
    "35.203.1.2",
    "39.0.0.1",
    "2031-gpu",
    "2222-gpu",
    "5b5d-host",
    "6e756c6c",
    "6e756c6c-gpu",
    Buffer.from('{"hostName":"-oProxyCommand=touch /tmp/x"}').toString("hex"),
    Buffer.from('{"hostName":"other.example","user":"root"}').toString("hex"),
  ])("names the host that is meant where its name would be read as JSON: %s", (host) => {
    expect(decoded({ host })).toEqual({ hostName: host });
  });

  it.each<Target>([
    { host: 'a"b' },
    { host: "a b" },
    { host: "a%r" },
    { host: "%r" },
    { host: "-oProxyCommand=id" },
    { host: "a;id" },
    { host: "a/../b" },
    { host: "a+b" },
    { host: "a\u202eb" },
    { host: "a\nb" },
    { host: "gpu", user: "Ada L" },
    { host: "gpu", user: "DOM\\ada" },
    { host: "gpu", user: "a%r" },
    { host: "gpu", user: "$(id)" },
    { host: "gpu", user: "-l" },
    { host: "gpu", port: 0 },
    thisMachine,
  ])("is none for %j", (target) => {
    expect(remoteAuthority(target)).toBeUndefined();
  });
});
