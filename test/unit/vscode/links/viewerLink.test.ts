import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayText } from "../../../../src/common/text/displayText.js";
import { linkTo, readLink } from "../../../../src/vscode/links/viewerLink.js";
import type { ViewerPlace } from "../../../../src/vscode/kit/viewerPlace.js";

/** As VS Code does it: the query reaches the extension decoded once. */
function followed(link: string): ViewerPlace | undefined {
  const { pathname, search } = new URL(link);
  return readLink(pathname, decodeURIComponent(search.slice(1)));
}

describe("a link to a viewer", () => {
  it("can be read", () => {
    const place = { target: { host: "gpu", user: "ada", port: 2222 }, root: "/data/runs" };
    expect(linkTo(place, "vscode")).toBe(
      "vscode://runicorn.runicorn-remote/open?host=ada@gpu:2222&root=/data/runs",
    );
  });

  it("leads where it was made, whatever the folder's name", () => {
    const names = fc.string({ unit: "grapheme", maxLength: 100 }).map((name) => `/${name}`);
    fc.assert(
      fc.property(names, (root) => {
        fc.pre(displayText(root) === root);
        const place = { target: { host: "gpu" }, root };
        expect(followed(linkTo(place, "vscode"))).toEqual(place);
      }),
    );
    const target = { host: "::1", port: 22 };
    expect(followed(linkTo({ target }, "vscode"))).toEqual({ target });
  });

  it("may be written by hand", () => {
    const at = (root: string): unknown => ({ target: { host: "gpu" }, root });
    expect(readLink("/open", "host=gpu&root=/a b+c")).toEqual(at("/a b+c"));
    expect(readLink("/open", "root=/100%&host=gpu")).toEqual(at("/100%"));
  });

  it.each([
    ["another path", "/connect", "host=gpu"],
    ["no host", "/open", "root=/data"],
    ["an option for a host", "/open", "host=-oProxyCommand=id"],
    ["a shell's words for a host", "/open", "host=gpu;id"],
    ["a line break in a host", "/open", "host=gpu%0aid"],
    ["a user that cannot be seen", "/open", "host=a\u202eb@gpu"],
    ["a host that is too long", "/open", `host=${"a".repeat(300)}`],
    ["a folder that is none", "/open", "host=gpu&root=runs"],
    ["a folder with a line break", "/open", "host=gpu&root=/a%0ab"],
    ["a folder that turns its name around", "/open", "host=gpu&root=/a\u202eb"],
    ["a folder that is too long", "/open", `host=gpu&root=/${"a".repeat(5_000)}`],
    ["a query without end", "/open", `host=gpu&${"x=1&".repeat(1_000_000)}`],
  ])("is refused with %s", (_, path, query) => {
    expect(readLink(path, query)).toBeUndefined();
  });
});
