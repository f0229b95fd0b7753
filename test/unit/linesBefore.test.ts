import { describe, expect, it } from "vitest";
import { readExchanged, writeExchanged } from "../../src/exchangedConnections.js";
import { keptLines } from "../../src/linesBefore.js";
import { savedIdOf } from "../../src/savedConnectionId.js";
import type { SavedConnection } from "../../src/savedConnections.js";

const target = { host: "gpu" };
const saved: SavedConnection = {
  id: savedIdOf(target),
  name: "gpu",
  target,
  lines: "module load gcc\n# note\nexport TOKEN=secret",
  environmentLines: { "/env/bin/python": "module load python", __proto__: "x" },
};

function linesOf(one: SavedConnection | undefined, given?: readonly string[]) {
  return keptLines({ get: (id) => Promise.resolve(id === one?.id ? one : undefined) }, given);
}

describe("the lines saved with connections", () => {
  it("are those of the host, then those of the environment, then those that were given", async () => {
    const lines = linesOf(saved, ["cd /work"]);
    expect(await lines.of(target)).toEqual(["module load gcc", "export TOKEN=secret", "cd /work"]);
    expect((await lines.of(target, "/env/bin/python")).slice(2)).toEqual(["module load python", "cd /work"]);
    expect(await lines.pythons(target)).toEqual(["/env/bin/python"]);
    for (const name of ["toString", "/other"]) expect(await lines.of(target, name)).toHaveLength(3);
  });

  it("are empty for a host that is not saved", async () => {
    expect(await linesOf(undefined).of(target)).toEqual([]);
    expect(await linesOf(undefined).pythons(target)).toEqual([]);
  });

  it("are neither exported nor imported", () => {
    const text = writeExchanged([saved]);
    expect(text).not.toMatch(/module|TOKEN/);
    const hostile = JSON.stringify({
      runicornConnections: 1,
      connections: [{ name: "gpu", target, lines: "rm -rf /", environmentLines: { "/p": "rm" } }],
    });
    expect(JSON.stringify(readExchanged(hostile))).not.toContain("rm");
  });
});
