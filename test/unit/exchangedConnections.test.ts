import { describe, expect, it } from "vitest";
import { mostExchanged, readExchanged, writeExchanged } from "../../src/exchangedConnections.js";
import type { SavedConnection } from "../../src/savedConnections.js";
import { savedIdOf } from "../../src/savedConnectionId.js";

const target = { host: "gpu", user: "ada", port: 2222 };
const full: SavedConnection = {
  id: "kept",
  name: "Lab",
  target,
  identityFile: "~/.ssh/lab",
  authentication: "key",
  jump: "ada@login:2222",
  python: "/env/bin/python",
  root: "/runs",
  group: "GPU",
  openedAt: 5,
  passwords: ["ada@gpu:2222"],
};
const wrap = (...connections: unknown[]): string => JSON.stringify({ runicornConnections: 1, connections });

describe("exchanged connections", () => {
  it("hold what leads to the runs, and no trace of secrets or of use", () => {
    const text = writeExchanged([full]);
    expect(text).not.toMatch(/password|ada@gpu|openedAt|kept/);
    const read = {
      ...full,
      id: savedIdOf(target),
      imported: true,
      openedAt: undefined,
      passwords: undefined,
    };
    expect(readExchanged(text)).toEqual([read]);
  });

  it.each(["", "[]", "{}", "null", '{"runicornConnections":2,"connections":[]}'])(
    "are not read from something else: %s",
    (text) => expect(readExchanged(text)).toBe("no-connections"),
  );

  it("are limited in number, and only the first one for each host is read", () => {
    const named = (name: string, host: string) => ({ name, target: { host } });
    const many = Array.from({ length: mostExchanged }, (_, at) => named(`n${at}`, `h${at}`));
    expect(readExchanged(wrap(...many))).toHaveLength(mostExchanged);
    expect(readExchanged(wrap(...many, named("one more", "h")))).toBe("too-many");
    const twice = readExchanged(wrap(named("good", "a"), { ...named("other", "a"), jump: "evil.example" }));
    expect(twice).toEqual([{ id: savedIdOf({ host: "a" }), imported: true, ...named("good", "a") }]);
  });

  it("skip invalid entries, and ignore fields that a file must not set", () => {
    const good = { name: "a", target: { host: "a" } };
    const text = wrap(
      { ...good, id: "forged", passwords: ["b"], openedAt: 9, extra: true },
      { name: "b" },
      { name: "c", target: { host: "-oProxyCommand=evil" } },
      { name: "d\u001b[31m", target: { host: "d" } },
      { name: "e", target: { host: "e", port: 0 } },
      { name: "g", target: { host: "g" }, jump: "-oProxyCommand=evil" },
      { name: "f", target: { host: "f".repeat(2_000) } },
      { name: "g", target: { host: "g;id" } },
      { name: "here", target: { host: "this machine" } },
      { name: "h", target: { host: "h", user: "$(id)" } },
      { name: "i", target: { host: "i", user: "-oProxyCommand=id" } },
      { name: "j", target: { host: "j\u202ei" } },
      { name: "k", target: { host: "k", user: "ssh://x" } },
      { name: "l", target: { host: "l", port: 2.5 } },
      { name: "m", target: { host: "m" }, group: "a\u001b[31m" },
      7,
      null,
    );
    expect(readExchanged(text)).toEqual([{ id: savedIdOf({ host: "a" }), imported: true, ...good }]);
  });
});
