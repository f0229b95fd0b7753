import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { frameFor } from "../../support/relay/agentRig.js";
import type { Peer } from "../../support/relay/peer.js";
import { mainServers, relayTest } from "../../support/relay/relayTest.js";
import { makeKey } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** Whatever a main server calls a command, it is answered. */

describe.each(mainServers)("over %s", (_name, startPeer) => {
  /** The results that came since, each with the id as it came. */
  const it = relayTest({ startPeer }).extend("answersTo", ({ peer }) => {
    return async (frame: object, count = 1): Promise<Peer["results"]> => {
      const before = peer.results.length;
      peer.execute({ ...frame });
      await until("an answer", () => peer.results.length >= before + count);
      return peer.results.slice(before);
    };
  });

  it("a number is an id, another than its digits, and is run once", async ({ host, answersTo }) => {
    const frame = await frameFor(host, "echo number", { commandId: 42 });
    const done = { result: { stdout: "number\n", stderr: "", exitCode: 0 } };
    expect(await answersTo(frame)).toEqual([{ id: 42, ...done }]);
    expect(await answersTo({ ...frame, command: "echo again" })).toEqual([{ id: 42, ...done }]);
    const [other] = await answersTo({ ...frame, commandId: "42", command: "echo text" });
    expect(other).toMatchObject({ id: "42", result: { stdout: "text\n" } });
  });

  it.for([null, {}, { a: [1] }, [], "", "\0", true, "x".repeat(257), "x".repeat(20_000)])(
    "%j is none, and is told back",
    async (commandId, { host, answersTo }) => {
      const [answer] = await answersTo(await frameFor(host, "echo never", { commandId }));
      expect(answer).toMatchObject({ id: commandId, result: { stdout: "", exitCode: 1 } });
      expect(answer?.result.stderr).toContain("commandId");
    },
  );

  it("digits in strings, and a serverId of any kind or none, are as good as numbers", async ({
    host,
    answersTo,
  }) => {
    const frame = await frameFor(host, "echo fine", { port: String(host.port), timeout: "30000" });
    for (const [index, serverId] of ["7", undefined, null, {}].entries()) {
      const [answer] = await answersTo({ ...frame, commandId: `digits-${index}`, serverId });
      expect(answer).toMatchObject({ result: { stdout: "fine\n", exitCode: 0 } });
    }
    const [answer] = await answersTo({ ...frame, commandId: "digits-wrong", port: "0x16" });
    expect(answer?.result.stderr).toContain("port is missing or malformed");
  });

  it("an encrypted key without a password is named as the reason", async ({ host, rig, answersTo }) => {
    const file = join(rig.dataFolder, "locked");
    makeKey(file, "ed25519", "locked", "passphrase");
    const privateKey = await readFile(file, "utf8");
    const [answer] = await answersTo(await frameFor(host, "echo never", { privateKey }));
    expect(answer?.result).toEqual({
      stdout: "",
      stderr: "The private key is encrypted, and no passphrase can be sent with it. Nothing was run.",
      exitCode: 1,
    });
    const rubbish = await answersTo(await frameFor(host, "echo never", { privateKey: "rubbish" }));
    expect(rubbish[0]?.result.stderr).toContain(
      "The private key that was given cannot be used: not a private key. ",
    );
  });

  it("is told in the audit log as it was sent", async ({ rig }) => {
    const lines = (await readFile(rig.relay.auditFile, "utf8")).trim().split("\n");
    const ids = lines.map((line) => (JSON.parse(line) as { id: unknown }).id);
    expect(ids).toEqual(expect.arrayContaining(["42", '{"a":[1]}', "null"]));
  });
});
