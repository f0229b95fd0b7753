import { expect, it } from "vitest";
import { savedIdOf } from "../../../../src/savedConnectionId.js";
import type { SavedConnection } from "../../../../src/savedConnections.js";
import { duplicateOf } from "../../../../src/vscode/connections/duplicateOf.js";

const saved: SavedConnection = {
  ...{
    id: "1",
    name: "Lab",
    target: { host: "gpu" },
    jump: "login",
    python: "/p",
    root: "/runs",
    group: "GPU",
  },
  ...{ order: 3, localPort: 24_000, openedAt: 5, passwords: ["ada@gpu:22"], roots: ["/runs"] },
};
const target = { host: "gpu2", user: "ada" };
const there = { id: savedIdOf(target), name: "ada@gpu2", target };

it("goes the same way to another host, and takes no password and no port along", () => {
  const same = { jump: "login", python: "/p", root: "/runs", group: "GPU" };
  expect(duplicateOf(saved, target)).toEqual({ ...there, ...same });
});

it("of an imported connection is asked about as that is", () => {
  expect(duplicateOf({ ...saved, imported: true }, target)).toMatchObject({ jump: "login", imported: true });
});
