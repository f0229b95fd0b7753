import { expect, it } from "vitest";
import type { SavedConnection } from "../../../../src/savedConnections.js";
import { forgetConnection } from "../../../../src/vscode/flows/forgetConnection.js";

async function forget(saved: SavedConnection): Promise<unknown> {
  const forgotten = { passwords: [] as string[], targets: [] as unknown[], entries: [] as string[] };
  await forgetConnection(saved, {
    passwords: { forget: (name) => Promise.resolve(void forgotten.passwords.push(name)) },
    connections: { forget: (target) => void forgotten.targets.push(target) },
    savedConnections: { remove: (id) => Promise.resolve(void forgotten.entries.push(id)) },
  });
  return forgotten;
}

it("forgets a connection with every password that was kept for it, and what is in memory", async () => {
  const target = { host: "gpu" };
  const passwords = ["ada@gpu:2222", "ada@login:22"];
  expect(await forget({ id: "1", name: "gpu", target, passwords })).toEqual({
    passwords,
    targets: [target],
    entries: ["1"],
  });
});

it("forgets the password of an entry that does not name it yet, where the target says its name", async () => {
  const target = { host: "gpu", user: "ada" };
  expect(await forget({ id: "1", name: "gpu", target })).toMatchObject({ passwords: ["ada@gpu:22"] });
});
