import { describe, expect, it } from "vitest";
import type { StorageRoot } from "../../../../src/environments/storageRoots.js";
import { rootRows } from "../../../../src/vscode/rootPicker/rootRows.js";
import type { Row } from "../../../../src/vscode/rootPicker/rows.js";

const found = (path: string, runs = 3): StorageRoot => ({ path, runs, hasArchive: true, hasIndex: true });
const searched = (...roots: StorageRoot[]) => ({ kind: "searched", roots, complete: true }) as const;
const shown = (rows: readonly Row[]): string[] =>
  rows.map(({ label, description = "", isHeading }) =>
    isHeading ? `# ${label}` : `${label} | ${description}`,
  );

describe("the folders that can be a storage root", () => {
  it("are those that were used, the way to any other, and those that were found", () => {
    const known = {
      recent: ["/data/new", "/data/old"],
      configured: "/data/set",
      search: searched(found("/data/old", 12), found("/home/ada/runs", 1)),
    };
    expect(shown(rootRows(known, ""))).toEqual([
      "# Used on this host",
      "$(history) /data/new | used last time",
      "$(history) /data/old | 12 runs",
      "$(gear) /data/set | from Runicorn's settings",
      "# Somewhere else",
      "$(folder-opened) Browse… | the folders of the host",
      "# Found on the host",
      "$(beaker) /home/ada/runs | 1 run",
    ]);
  });

  it("begin with the folder of the window, once", () => {
    const known = { ofWindow: "/data/old", recent: ["/data/new", "/data/old"], configured: "/data/set" };
    expect(shown(rootRows(known, ""))).toEqual([
      "# Used on this host",
      "$(window) /data/old | the folder of this window",
      "$(history) /data/new | used last time",
      "$(gear) /data/set | from Runicorn's settings",
      "# Somewhere else",
      "$(folder-opened) Browse… | the folders of the host",
    ]);
  });

  it("stay where they are while more are found", () => {
    const known = { recent: ["/a", "/b"] };
    const before = shown(rootRows(known, ""));
    const after = shown(rootRows({ ...known, search: searched(found("/c")) }, ""));
    expect(after.slice(0, before.length)).toEqual(before);
  });

  it("are those with a part of what was typed, and a path that was typed comes first", () => {
    const known = { recent: ["/data/NEW", "/data/old"], search: searched(found("/data/news")) };
    expect(rootRows(known, "new").flatMap(({ does }) => does ?? [])).toEqual([
      { kind: "choose", path: "/data/NEW" },
      { kind: "browse", path: "~" },
      { kind: "choose", path: "/data/news", isSeen: true },
    ]);
    expect(rootRows(known, "/data/new").flatMap(({ does }) => does ?? [])[0]).toEqual({
      kind: "choose",
      path: "/data/new",
    });
    expect(rootRows(known, "~/runs").flatMap(({ does }) => does ?? [])).toEqual([
      { kind: "choose", path: "~/runs" },
      { kind: "browse", path: "~/runs" },
    ]);
  });

  it("offer only absolute paths and paths below the home folder", () => {
    expect(rootRows({ recent: ["relative"], configured: "runs" }, "runs").map(({ does }) => does)).toEqual([
      undefined,
      { kind: "browse", path: "~" },
    ]);
  });

  it("report an incomplete search, and are limited in number", () => {
    const roots = Array.from({ length: 60 }, (_, at) => found(`/r/${at}`));
    const rows = shown(rootRows({ recent: [], search: { kind: "searched", roots, complete: false } }, ""));
    expect(rows).toContain("# Found on the host; the search was cut short");
    expect(rows.at(-1)).toBe("and 10 more | ");
    expect(rows).toHaveLength(54);
  });

  it("show what hostile names hold, and take it as it is", () => {
    const path = "/data/\u202egnp.exe\u001b[2J\n$(trash)\udcff";
    const [, row] = rootRows({ recent: [path] }, "");
    expect(row).toMatchObject({
      label: "$(history) /data/\\u{202e}gnp.exe\\x1b[2J\\x0a\\$(trash)\\xff",
      does: { kind: "choose", path },
    });
  });
});
