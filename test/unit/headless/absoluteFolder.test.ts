import { resolve } from "node:path";
import { expect, it, vi } from "vitest";
import { absoluteFolder } from "../../../src/headless/absoluteFolder.js";

it("takes a folder relative to the current one", () => {
  expect(absoluteFolder("data")).toBe(resolve("data"));
  expect(absoluteFolder("/data")).toBe(resolve("/data"));
});

it("says so if the current folder was removed", () => {
  const gone = vi.spyOn(process, "cwd").mockImplementation(() => {
    throw Object.assign(new Error("ENOENT: no such file or directory, uv_cwd"), { code: "ENOENT" });
  });
  try {
    expect(() => absoluteFolder("data")).toThrow(
      expect.objectContaining({ detail: { code: "data-folder-unusable", file: "data", reason: "ENOENT" } }),
    );
  } finally {
    gone.mockRestore();
  }
});
