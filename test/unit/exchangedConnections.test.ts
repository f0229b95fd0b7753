import { describe, expect, it } from "vitest";
import { readExchanged, writeExchanged } from "../../src/exchangedConnections.js";
import { savedIdOf } from "../../src/savedConnectionId.js";

const target = { host: "gpu", user: "ada", port: 2222 };
const full = {
  id: "kept",
  name: "Lab",
  target,
  identityFile: "~/.ssh/lab",
  python: "/env/bin/python",
  root: "/runs",
  openedAt: 5,
  passwords: ["ada@gpu:2222"],
};
const wrap = (...connections: unknown[]): string => JSON.stringify({ runicornConnections: 1, connections });

describe("exchanged connections", () => {
  it("hold what leads to the runs, and no trace of secrets or of use", () => {
    const text = writeExchanged([full]);
    expect(text).not.toMatch(/password|ada@gpu|openedAt|kept/);
    const read = { ...full, id: savedIdOf(target), openedAt: undefined, passwords: undefined };
    expect(readExchanged(text)).toEqual([read]);
  });

  it.each(["", "[]", "{}", "null", '{"runicornConnections":2,"connections":[]}'])(
    "are not read from something else: %s",
    (text) => expect(readExchanged(text)).toBeUndefined(),
  );

  it("are read without what makes no sense or is not theirs to say", () => {
    const good = { name: "a", target: { host: "a" } };
    const text = wrap(
      { ...good, id: "forged", passwords: ["b"], openedAt: 9, extra: true },
      { name: "b" },
      { name: "c", target: { host: "-oProxyCommand=evil" } },
      { name: "d\u001b[31m", target: { host: "d" } },
      { name: "e", target: { host: "e", port: 0 } },
      { name: "f", target: { host: "f".repeat(2_000) } },
      7,
      null,
    );
    expect(readExchanged(text)).toEqual([{ id: savedIdOf({ host: "a" }), ...good }]);
  });
});
