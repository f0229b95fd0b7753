import { describe, expect, it } from "vitest";
import { Failure } from "../../../../src/common/failure.js";
import { createAllowedHosts } from "../../../../src/relay/command/allowedHosts.js";

/** Every name's addresses; others do not exist. */
const names: Readonly<Record<string, readonly string[]>> = {
  "gpu01.lab": ["10.0.0.1"],
  "gpu02.lab": ["10.0.0.2", "fd00::2"],
  "evil.lab": ["127.0.0.1"],
  "cloud.lab": ["169.254.169.254"],
  "mapped.lab": ["::ffff:127.0.0.1"],
  "half.lab": ["10.0.0.1", "192.168.1.1"],
  "public.example": ["203.0.113.5"],
  "127.1": ["127.0.0.1"],
  "alibaba.lab": ["100.100.100.200"],
  "alibaba6.lab": ["fd00:100::100:200"],
  "azure.lab": ["168.63.129.16"],
  "oracle.lab": ["192.0.0.192"],
  "oracle6.lab": ["fd00:c1::a9fe:a9fe"],
  "aws.lab": ["fd00:ec2::254"],
  "pods.lab": ["fd00:ec2::23"],
  "google.lab": ["fd20:ce::254"],
  "scaleway.lab": ["fd00:42::42"],
  "linode.lab": ["fd00:a9fe:a9fe::1"],
  "nat64.lab": ["64:ff9b::a9fe:a9fe"],
  "nat64self.lab": ["64:ff9b::127.0.0.1"],
  "nat64alibaba.lab": ["64:ff9b::100.100.100.200"],
  "nat64public.lab": ["64:ff9b::203.0.113.5"],
  "metadata.google.internal": ["203.0.113.9"],
};
const resolve = (host: string): Promise<readonly string[]> =>
  names[host] ? Promise.resolve(names[host]) : Promise.reject(new Error("ENOTFOUND"));

async function verdict(entries: readonly string[], host: string): Promise<string> {
  try {
    return await createAllowedHosts(entries, resolve).addressOf(host, 22);
  } catch (error) {
    return error instanceof Failure ? error.message : String(error);
  }
}

const refused = "relay-host-not-allowed";
const refusedAddress = "relay-address-not-allowed";

describe("the hosts that may be reached", () => {
  it.each<[entries: readonly string[], host: string, expected: string]>([
    [[], "gpu01.lab", refused],
    [[], "10.0.0.1", refused],
    [["", "  "], "gpu01.lab", refused],
    [["gpu01.lab"], "gpu01.lab", "10.0.0.1"],
    [["gpu01.lab"], "GPU01.Lab.", "10.0.0.1"],
    [[" GPU01.LAB "], "gpu01.lab", "10.0.0.1"],
    [["gpu01.lab"], "gpu02.lab", refused],
    [["gpu01.lab"], "xgpu01.lab", refused],
    [["gpu01.lab"], "gpu01xlab", refused],
    [["gpu01.lab"], "10.0.0.1", refused],
    [["*.lab"], "gpu02.lab", "10.0.0.2"],
    [["*.lab"], "public.example", refused],
    [["gpu??.lab"], "gpu01.lab", "10.0.0.1"],
    [["gpu?.lab"], "gpu01.lab", refused],
    [["*"], "gpu01.lab", "10.0.0.1"],
    [["*"], "10.0.0.1", refused],
    [["10.0.0.0/8"], "10.255.0.1", "10.255.0.1"],
    [["10.0.0.0/8"], "11.0.0.1", refused],
    [["10.0.0.0/8"], "gpu01.lab", "10.0.0.1"],
    [["10.0.0.0/8"], "gpu02.lab", refused],
    [["10.0.0.0/8", "fd00::/8"], "gpu02.lab", "10.0.0.2"],
    [["10.0.0.0/8"], "half.lab", refused],
    [["10.0.0.0/8"], "public.example", refused],
    [["10.0.0.0/8"], "::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    [["10.0.0.1"], "10.0.0.1", "10.0.0.1"],
    [["10.0.0.1"], "10.0.0.2", refused],
    [["fd00::/8"], "fd00::1", "fd00::1"],
    [["fd00::/8"], "[fd00::1]", "fd00::1"],
    [["fd00::/8"], "fe80::1", refused],
    // What a name leads to after it was looked up.
    [["*.lab"], "evil.lab", refusedAddress],
    [["evil.lab"], "evil.lab", refusedAddress],
    [["*.lab"], "cloud.lab", refusedAddress],
    [["*.lab"], "mapped.lab", refusedAddress],
    [["*.lab", "127.0.0.0/8"], "evil.lab", "127.0.0.1"],
    [["*"], "127.1", refusedAddress],
    [["10.0.0.0/8"], "127.1", refused],
    [["*.lab", "100.64.0.0/10"], "alibaba.lab", "100.100.100.200"],
    [["*"], "nat64public.lab", "64:ff9b::203.0.113.5"],
    [["*"], "metadata.google.internal", refused],
    [["*.internal"], "Metadata.Google.Internal.", refused],
    [["metadata.google.internal"], "metadata.google.internal", "203.0.113.9"],
    // Nothing that is no name is looked up.
    [["*"], "nowhere.lab", "host-not-found"],
    [["*"], "gpu01.lab/x", refused],
    [["*"], "-oProxyCommand=x", refused],
    [["*"], "a b", refused],
    [["*"], "gpu01.lab\n", refused],
    [["*"], "%h", refused],
    [["*"], "", refused],
  ])("%j and %j: %s", async (entries, host, expected) => {
    expect(await verdict(entries, host)).toBe(expected);
  });

  it.each([
    "alibaba.lab",
    "alibaba6.lab",
    "azure.lab",
    "oracle.lab",
    "oracle6.lab",
    "aws.lab",
    "pods.lab",
    "google.lab",
    "scaleway.lab",
    "linode.lab",
    "nat64.lab",
    "nat64self.lab",
    "nat64alibaba.lab",
  ])("never take a name for a way to the credentials of a cloud's machines: %s", async (host) => {
    expect(await verdict(["*"], host)).toBe(refusedAddress);
  });

  it.each([
    ["10.0.0.0/33"],
    ["10.0.0/8"],
    ["10.0.0.0/"],
    ["10.0.0.0/8/8"],
    ["fd00::/129"],
    ["gpu01 gpu02"],
    ["user@host"],
    ["host:22"],
    ["[a-z].lab"],
    ["-x/8"],
  ])("does not take %s for an entry", (entry) => {
    expect(() => createAllowedHosts([entry])).toThrow("relay-host-entry-invalid");
  });

  it("looks nothing up that no entry could allow", async () => {
    let asked = 0;
    const hosts = createAllowedHosts(["gpu01.lab"], () => {
      asked += 1;
      return Promise.resolve(["10.0.0.1"]);
    });
    await expect(hosts.addressOf("other.lab", 22)).rejects.toThrow(refused);
    expect(asked).toBe(0);
  });
});
