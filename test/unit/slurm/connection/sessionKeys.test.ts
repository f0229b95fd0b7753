import { describe, expect, it } from "vitest";
import { hostKeyOf } from "../../../../src/ssh/hostKeys/knownHostsFile.js";
import { makeSessionKeys, pinned } from "../../../../src/slurm/connection/sessionKeys.js";

describe("the keys of a way into a job", () => {
  it("are made anew each time, and know one server alone", async () => {
    const [one, other] = [await makeSessionKeys(), await makeSessionKeys()];
    expect(
      new Set([one.host.private, one.person.private, other.host.private, other.person.private]).size,
    ).toBe(4);
    const keyOf = (line: string) => {
      const [type = "", base64 = ""] = line.split(" ");
      return hostKeyOf(type, Buffer.from(base64, "base64"));
    };
    const known = pinned(one.host.public);
    expect(await known.verify("anything", keyOf(one.host.public))).toEqual({ kind: "match" });
    expect(await known.verify("anything", keyOf(other.host.public))).toMatchObject({ kind: "changed" });
    await expect(known.add("anything", keyOf(other.host.public))).rejects.toThrow();
  });
});
