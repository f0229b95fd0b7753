import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayText } from "../../../../src/common/text/displayText.js";
import {
  isPlain,
  type LinkedPlace,
  type LinkFault,
  linkTo,
  readLink,
  runLink,
  shownRoot,
} from "../../../../src/vscode/links/viewerLink.js";

/** As VS Code does it: the query reaches the extension decoded once. */
function followed(link: string): LinkedPlace | LinkFault {
  const { pathname, search } = new URL(link);
  return readLink(pathname, decodeURIComponent(search.slice(1)));
}

it("a long folder is shown without its middle, in quotation marks", () => {
  expect(shownRoot("/data/runs")).toBe('"/data/runs"');
  const shown = shownRoot(`/data/${"x ".repeat(2_000)}/runs`);
  expect(shown).toMatch(/^"\/data\/x.*….*\/runs"$/);
  expect([...shown].length).toBeLessThan(130);
});

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

  it("names a run of a copied root", () => {
    const sync = { target: { host: "gpu", user: "ada" }, root: "/data/my runs" };
    const run = { id: "20260101_000000_abcdef", folder: "runs/my vision/20260101_000000_abcdef" };
    const link = runLink(sync, run, "vscode");
    expect(link).toMatch(/^vscode:.*&folder=runs\/my%2520vision\/.*&run=20260101_000000_abcdef$/);
    expect(followed(link)).toEqual({ ...sync, run });
    // Links of earlier versions have no folder.
    expect(readLink("/open", "host=gpu&root=/a&run=b")).toEqual({
      target: { host: "gpu" },
      root: "/a",
      run: { id: "b" },
    });
  });

  it("may be written by hand", () => {
    const at = (root: string): unknown => ({ target: { host: "gpu" }, root });
    expect(readLink("/open", "host=gpu&root=/a b+c")).toEqual(at("/a b+c"));
    expect(readLink("/open", "root=/100%&host=gpu")).toEqual(at("/100%"));
  });

  it.each([
    ["another path", "unknown", "/connect", "host=gpu"],
    ["no host", "no-host", "/open", "root=/data"],
    ["an option for a host", "host", "/open", "host=-oProxyCommand=id"],
    ["a shell's words for a host", "host", "/open", "host=gpu;id"],
    ["an option behind a blank of a shell's", "host", "/open", "host=x$IFS-oProxyCommand=id@gpu"],
    ["a line break in a host", "host", "/open", "host=gpu%0aid"],
    ["a user that cannot be seen", "host", "/open", "host=a\u202eb@gpu"],
    ["a host that is too long", "host", "/open", `host=${"a".repeat(300)}`],
    ["a folder that is none", "folder", "/open", "host=gpu&root=runs"],
    ["a folder with a line break", "folder", "/open", "host=gpu&root=/a%0ab"],
    ["a folder that turns its name around", "folder", "/open", "host=gpu&root=/a\u202eb"],
    ["a folder that is too long", "folder", "/open", `host=gpu&root=/${"a".repeat(5_000)}`],
    ["a run and no folder", "run", "/open", "host=gpu&run=20260101_000000_abcdef"],
    ["a run that leads elsewhere", "run", "/open", "host=gpu&root=/a&run=../../secret"],
    ["a run that is a folder above", "run", "/open", "host=gpu&root=/a&run=.."],
    ["a run with a line break", "run", "/open", "host=gpu&root=/a&run=a%0ab"],
    ["a run with another query", "run", "/open", "host=gpu&root=/a&run=a%3fx%3d1"],
    ["a run that is too long", "run", "/open", `host=gpu&root=/a&run=${"a".repeat(300)}`],
    ["a run's folder that leads elsewhere", "folder", "/open", "host=gpu&root=/a&folder=../b&run=b"],
    ["a run's folder that is absolute", "folder", "/open", "host=gpu&root=/a&folder=/b&run=b"],
    [
      "a run's folder that turns its name around",
      "folder",
      "/open",
      "host=gpu&root=/a&folder=a\u202eb&run=b",
    ],
    ["a run's folder and no run", "folder", "/open", "host=gpu&root=/a&folder=b"],
    ["an address for a host", "host", "/open", "host=https://example.com/x"],
    ["a query without end", "too-long", "/open", `host=gpu&${"x=1&".repeat(1_000_000)}`],
  ])("is refused with %s", (_, fault, path, query) => {
    expect(readLink(path, query)).toBe(fault);
  });
});

it("a lookalike name is distinguished from a plain one", () => {
  expect(isPlain({ host: "gpu.example", user: "ada" })).toBe(true);
  expect(isPlain({ host: "gpu.ex\u0430mple" })).toBe(false);
  expect(isPlain({ host: "gpu", user: "\u0430da" })).toBe(false);
});

it("any query is read in time, and what is read can be shown as it is", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(
    fc.property(text, text, text, text, (host, root, folder, run) => {
      const place = readLink("/open", `host=${host}&root=/${root}&folder=${folder}&run=${run}`);
      if (typeof place === "string") return;
      expect(displayText(JSON.stringify(place))).toBe(JSON.stringify(place));
    }),
  );
});
