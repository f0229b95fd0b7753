import { describe, expect, it } from "vitest";
import { kindOf, type Problem } from "../../../../src/api/model/failures.js";
import { answerTo as answer04 } from "../../../../src/api/v04/problems.js";
import { answerTo as answer05 } from "../../../../src/api/v05/problems.js";
import { answerTo as answer06 } from "../../../../src/api/v06/problems.js";
import type { HostKeyVerdict } from "../../../../src/ssh/model/hostKeys.js";

const at = { host: "gpu", port: 2222 };
const key = { type: "ssh-ed25519", base64: "AAAA", fingerprint: "SHA256:new" };
const expected = { ...key, fingerprint: "SHA256:old" };
const aboutKey = { key, knownHostsName: "[gpu]:2222", ...at };

function rejected(verdict: Extract<HostKeyVerdict, { kind: "changed" | "revoked" }>): Problem {
  return { code: "host-key-rejected", ...aboutKey, verdict };
}

const unknown: Problem = { code: "host-key-not-trusted", ...aboutKey, refusedBy: "answer" };
const changed = rejected({ kind: "changed", known: [{ key: expected, file: "known_hosts", line: 1 }] });
const revoked = rejected({ kind: "revoked", file: "known_hosts" });

describe("a host key", () => {
  it("is offered for acceptance when it is unknown or changed, and not when it is revoked", () => {
    expect([unknown, changed, revoked].map(kindOf)).toEqual(["host-key", "host-key", "ssh"]);
  });

  it("is told in full in every dialect, a changed one with the key that was expected", () => {
    const object = {
      host: "gpu",
      port: 2222,
      known_hosts_host: "[gpu]:2222",
      fingerprint_sha256: "SHA256:new",
    };
    const more = { reason: "changed", expected_fingerprint_sha256: "SHA256:old" };
    expect(answer04(unknown).body).toMatchObject({ detail: { host_key: { ...object, reason: "unknown" } } });
    expect(answer05(changed).body).toMatchObject({ details: { host_key: { ...object, ...more } } });
    expect(answer06(changed).body).toMatchObject({ detail: { host_key: { ...object, ...more } } });
    expect(JSON.stringify(answer06(revoked).body)).not.toContain("SHA256");
  });
});

describe("version 0.5", () => {
  it("gives the details of a problem", () => {
    const lost: Problem = { code: "connection-lost", ...at };
    const failed: Problem = {
      code: "authentication-failed",
      ...at,
      user: "ada",
      tried: [],
      remaining: [],
      skipped: [],
    };
    const missing: Problem = { code: "connection-unknown", id: "ada@gpu:2222" };
    expect(answer05(lost).body).toMatchObject({ details: at });
    expect(answer05(failed).body).toMatchObject({ details: { ...at, username: "ada" } });
    expect(answer05(missing).body).toMatchObject({ details: { connection_id: "ada@gpu:2222" } });
  });
});

describe("a failure that is not mapped to a problem", () => {
  it("is answered as a bug, without details", () => {
    const foreign = { code: "from-a-later-version", secret: "x1" } as unknown as Problem;
    for (const { status, body } of [answer04, answer05, answer06].map((answer) => answer(foreign))) {
      expect(status).toBe(500);
      expect(JSON.stringify(body)).not.toMatch(/x1|later/);
    }
  });
});
