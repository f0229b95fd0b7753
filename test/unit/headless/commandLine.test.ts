import { describe, expect, it } from "vitest";
import { defaultDataFolder } from "../../../src/headless/commandLine.js";

describe("defaultDataFolder", () => {
  it.each([
    ["linux", {}, "/home/ada/.local/share/runicorn-remote"],
    ["linux", { XDG_DATA_HOME: "/data" }, "/data/runicorn-remote"],
    ["darwin", {}, "/home/ada/Library/Application Support/runicorn-remote"],
  ] as const)("on %s with %j is %s", (platform, environment, folder) => {
    expect(defaultDataFolder(environment, platform, "/home/ada")).toBe(folder);
  });
});
