import { describe, expect, it } from "vitest";
import type { LocalFileFailure } from "../../../src/common/files/failures.js";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import type { ServerFailure } from "../../../src/messages/describeLocalFailure.js";
import type { RelayFailure } from "../../../src/relay/protocol/failures.js";
import type { SyncFailure } from "../../../src/sync/failures.js";

/** Every code of a union with every kind of its facts: the types name one that is missing. */
type Samples<F extends { readonly code: string }> = {
  readonly [C in F["code"]]: readonly Omit<Extract<F, { readonly code: C }>, "code">[];
};

/** What a host, a file or a main server may have chosen: a sequence for terminals, a link, and an order that misleads. */
const foreign = "\u001b[31m[x](command:y)\u202e";
const [host, root, path, file, reason] = [foreign, foreign, foreign, foreign, foreign];

const ofSync: Samples<SyncFailure> = {
  "sync-root-missing": [{ root, host }],
  "sync-root-not-folder": [{ root, host }],
  "sync-root-not-accessible": [{ root, host, reason }],
  "sync-root-is-system": [{ root, host }],
  "sync-root-too-large": [{ root, host, limit: 1_000_000 }],
  "sync-helper-failed": [{ host, output: foreign }],
  "sync-no-space": [{ folder: file, needed: 2 ** 30, free: 0 }],
  "sync-entry-not-stored": [
    { path, file, reason: "in-use" },
    { path, file, reason: "not-permitted" },
    { path, file, reason: "name-too-long" },
    { path, file, reason: "name-not-allowed" },
    { path, file, reason: "in-the-way" },
    { path, file, reason: "too-large" },
  ],
  "sync-much-gone": [
    { root, files: 7, of: 9, why: "empty" },
    { root, files: 7, of: 9, why: "other-folder" },
    { root, files: 7, of: 9, why: "many" },
  ],
  "sync-file-missing": [{ path, host }],
  "sync-file-not-readable": [{ path, host }],
  "sync-record-unreadable": [{ file }],
  "sync-not-known": [{ id: foreign }],
  "sync-offline": [{ host, path }],
};
const ofRelay: Samples<RelayFailure> = {
  "relay-url-invalid": [{}],
  "relay-url-insecure": [{ host }],
  "relay-id-invalid": [{}],
  "relay-key-too-short": [{ minimum: 32 }],
  "relay-host-entry-invalid": [{ entry: foreign }],
  "relay-pattern-invalid": [{ pattern: foreign }],
  "relay-ca-unreadable": [{ file, reason }],
  "relay-key-unreadable": [{ file, reason }],
  "relay-already-running": [{}],
  "relay-command-malformed": [{ field: foreign }],
  "relay-host-not-allowed": [{ host }],
  "relay-address-not-allowed": [{ host, address: foreign }],
  "relay-command-not-allowed": [{}],
  "relay-key-encrypted": [{}],
  "relay-busy": [{ waiting: 3 }],
  "relay-timed-out": [{ milliseconds: 2_500 }],
  "relay-cancelled": [{ why: "server-away" }, { why: "stopped" }],
  "relay-never-begun": [{}],
  "relay-interrupted": [{}],
  "relay-connection-lost": [{ host }],
  "relay-runner-ended": [{ host }],
  "relay-ended-by-signal": [{ signal: foreign }],
  "relay-output-cut": [
    { stream: "stdout", kept: 1, printed: 2 },
    { stream: "stderr", kept: 1, printed: 2 },
  ],
  "relay-output-gone": [{}],
};
const ofThisMachine: Samples<LocalFileFailure | ServerFailure> = {
  "local-file-in-use": [{ file }],
  "local-disk-full": [{ file }],
  "local-file-irregular": [{ file }],
  "local-file-of-another": [{ file, owner: 1_000 }],
  "local-file-open-to-others": [{ file, mode: "775" }],
  "local-file-exposed": [{ file, folder: foreign, owner: 1_000, mode: "775" }],
  "data-folder-unusable": [{ file, reason }],
  "api-port-taken": [{ port: 23_300 }],
  "token-file-unusable": [{ file, reason }],
};

const all = Object.entries({ ...ofSync, ...ofRelay, ...ofThisMachine }).flatMap(([code, facts]) =>
  facts.map((one): { readonly code: string } => ({ code, ...one })),
);

describe("the description of a failure", () => {
  it.each(all)("$code: says what happened, with all facts and no control characters", (failure) => {
    const { message, advice } = describeFailure(failure);
    const text = `${message}\n${advice}`;
    expect(message.length).toBeGreaterThan(20);
    expect(message).not.toContain("Something failed");
    expect(text).not.toMatch(/undefined|NaN|\[object|\{\d\}/);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|\]\(command:/);
  });

  it("is different for each code and each reason", () => {
    const said = all.map((failure) => {
      const { message, advice } = describeFailure(failure);
      return `${message} ${advice}`;
    });
    expect(said.filter((one, index) => said.indexOf(one) !== index)).toEqual([]);
  });
});
