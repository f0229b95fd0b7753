import { describe, expect, it } from "vitest";
import type { Target } from "../../../../src/ssh/model/target.js";
import { remoteAuthority } from "../../../../src/vscode/connections/remoteSsh.js";
import { hostOfAuthority } from "../../../../src/vscode/places/hostOfAuthority.js";

const hex = (value: unknown): string => `ssh-remote+${Buffer.from(JSON.stringify(value)).toString("hex")}`;

describe("the host in the authority of a window", () => {
  it.each<Target>([
    { host: "gpu" },
    { host: "GPU" },
    { host: "gpu", user: "ada", port: 2222 },
    { host: "::1", user: "Ada.L", port: 22 },
    { host: "31-gpu" },
    { host: "7b22" },
    { host: "größe" },
  ])("is the one that it was written for: %j", (target) => {
    expect(hostOfAuthority(remoteAuthority(target) ?? "")).toEqual(target);
  });

  it.each([
    "",
    "ssh-remote+",
    "wsl+Ubuntu",
    "dev-container+7b22",
    "localhost:8080",
    "ssh-remote+-oProxyCommand=id",
    "ssh-remote+a b",
    hex({ hostName: "-oProxyCommand=id" }),
    hex({ hostName: ["gpu"] }),
    hex({ hostName: "gpu", user: 7 }),
    hex({ hostName: "gpu", port: 70_000 }),
    hex({ hostName: "this machine" }),
    hex({}),
    `ssh-remote+${"a".repeat(100_000)}`,
  ])("is none of %s", (authority) => {
    expect(hostOfAuthority(authority)).toBeUndefined();
  });
});
