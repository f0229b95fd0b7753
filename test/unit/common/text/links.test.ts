import { describe, expect, it } from "vitest";
import { hasLink, linksIn } from "../../../../src/common/text/links.js";

describe("web links in a text", () => {
  it.each([
    ["Open https://login.example/a?b=c&d=%20, and confirm.", ["https://login.example/a?b=c&d=%20"]],
    [
      "https://a.example https://a.example\r\nHTTP://B.example:8443/x.",
      ["https://a.example", "HTTP://B.example:8443/x"],
    ],
    ["https://a.example/[x](command:evil)", ["https://a.example/"]],
    ["https://a.example\u0430/x <b>http://c.example</b>", ["https://a.example", "http://c.example"]],
    [`https://a.example/${"x".repeat(1000)}`, []],
    ["file:///etc/passwd javascript:alert(1) https://", []],
  ])("of %j", (text, found) => {
    expect(linksIn(text)).toEqual(found);
    expect(hasLink(["nothing", text])).toBe(found.length > 0);
  });
});
