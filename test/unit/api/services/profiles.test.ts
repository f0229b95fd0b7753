import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProfiles, type Profile } from "../../../../src/api/services/profiles.js";
import type { SecretStore } from "../../../../src/secretStore.js";

/** Secrets whose every access takes a while, like a keychain's. */
function slowSecrets(): { readonly store: SecretStore; readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const slowly = async <T>(work: () => T): Promise<T> => {
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    return work();
  };
  const store: SecretStore = {
    get: (key) => slowly(() => kept.get(key)),
    set: (key, value) => slowly(() => void kept.set(key, value)),
    delete: (key) => slowly(() => void kept.delete(key)),
  };
  return { store, kept };
}

const server = (id: string, more: object = {}): Profile => ({
  ...{ id, kind: "server", host: "gpu", username: "ada" },
  ...more,
});

describe("the secrets of the clients' saved connections", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "profiles-"));
    file = join(folder, "api-connections.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The entries with a mark for a password. */
  const marked = async (): Promise<readonly unknown[]> =>
    (JSON.parse(await readFile(file, "utf8")) as Profile[])
      .filter(({ has_password: mark }) => mark === true)
      .map(({ id }) => id);

  it("are kept, replaced and forgotten with their entries", async () => {
    const { store, kept } = slowSecrets();
    const profiles = createProfiles(file, store);
    await profiles.replace([
      server("a", { password: "one" }),
      server("b", { password: "two", passphrase: "p" }),
    ]);
    await profiles.replace([server("a"), server("b", { password: "" })]);
    expect([...kept]).toEqual([
      ["api-profile:a:password", "one"],
      ["api-profile:b:passphrase", "p"],
    ]);
    await profiles.replace([server("a", { password: "three" })]);
    expect([...kept]).toEqual([["api-profile:a:password", "three"]]);
    expect(await marked()).toEqual(["a"]);
  });

  it("belong to the entries that mark them, though two windows replace the list at once", async () => {
    const { store, kept } = slowSecrets();
    const windows = [createProfiles(file, store), createProfiles(file, store)] as const;
    const both = (one: readonly Profile[], other: readonly Profile[]): Promise<unknown> =>
      Promise.all([windows[0].replace(one), windows[1].replace(other)]);
    const keys = async (): Promise<readonly string[]> =>
      (await marked()).map((id) => `api-profile:${String(id)}:password`);
    for (const [one, other] of [
      [[], [server("a")]],
      [[server("a")], []],
      [[], [server("a", { password: "new" })]],
      [[server("a", { password: "" })], [server("a")]],
      [[server("b", { password: "b" })], [server("c", { password: "c" })]],
    ] satisfies [Profile[], Profile[]][]) {
      await windows[0].replace([server("a", { password: "first" })]);
      await both(one, other);
      expect([...kept.keys()], JSON.stringify([one, other])).toEqual(await keys());
    }
  });
});
