import { describe, expect, it } from "vitest";
import type { Directory } from "../../../../src/files/files.js";
import { folderRows } from "../../../../src/vscode/rootPicker/folderRows.js";

const listed = (path: string, ...names: string[]): Directory => ({
  path,
  entries: names.map((name) => ({
    name: name.replace(/^file:/, ""),
    kind: name.startsWith("file:") ? "file" : "folder",
    size: 0,
    mtime: 0,
  })),
});
const none = new Map<string, never>();
const labels = (...args: Parameters<typeof folderRows>): string[] =>
  folderRows(...args).map(({ label }) => label);

describe("the folders in a folder of a host", () => {
  it("come after the folder itself and the one above it, hidden ones last, without files", () => {
    const here = listed("/home/ada", ".cache", "b", "c", "file:d");
    expect(labels("/home/ada", here, none, "")).toEqual([
      "$(check) Use This Folder",
      "$(arrow-up) ..",
      "$(folder) b",
      "$(folder) c",
      "$(folder) .cache",
    ]);
    expect(labels("/", listed("/", "home"), none, "")).toEqual([
      "$(check) Use This Folder",
      "$(folder) home",
    ]);
  });

  it("say which of them look like a storage root", () => {
    const root = { path: "/data/runs", runs: 7, hasArchive: true, hasIndex: false };
    const rows = folderRows("/data", listed("/data", "other", "runs"), new Map([[root.path, root]]), "");
    expect(rows.find(({ label }) => label === "$(beaker) runs")?.description).toContain("7 runs");
    expect(rows.find(({ label }) => label === "$(folder) other")).not.toHaveProperty("description");
  });

  it("are filtered by the typed text", () => {
    const here = listed("/data", "Runs", "old-runs", "other");
    expect(labels("/data", here, none, "run")).toEqual(["$(folder) Runs", "$(folder) old-runs"]);
    expect(labels("/data", here, none, "..")).toEqual(["$(arrow-up) .."]);
    expect(labels("/data", here, none, "nothing")).toEqual(["No folder with this in its name"]);
    expect(folderRows("/data", here, none, "/etc").map(({ does }) => does)).toEqual([
      { kind: "choose", path: "/etc" },
      { kind: "browse", path: "/etc" },
    ]);
  });

  it("are 500 of 10,000, and a part of a name brings up the others", () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `f${String(at).padStart(5, "0")}`);
    const here = listed("/data", ...names);
    const rows = folderRows("/data", here, none, "");
    expect(rows).toHaveLength(503);
    expect(rows.at(-1)).toEqual({ label: "and 9,500 more", detail: "Type a part of the name." });
    expect(labels("/data", here, none, "9999")).toEqual(["$(folder) f09999"]);
  });

  it("have the right paths, whatever their names contain", () => {
    const name = "\u202ea$(trash)\u0007\udcfe";
    const [row] = folderRows("/", listed("/", name), none, "").slice(1);
    expect(row).toEqual({
      label: "$(folder) \\u{202e}a\\$(trash)\\x07\\xfe",
      does: { kind: "browse", path: `/${name}` },
    });
  });

  it("are none where the folder cannot be listed, and the one above it leads out", () => {
    expect(labels("/root/x", undefined, none, "")).toEqual(["$(arrow-up) .."]);
    expect(labels("~", undefined, none, "")).toEqual([]);
  });
});
