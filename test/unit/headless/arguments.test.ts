import { describe, expect, it } from "vitest";
import { parseCommand } from "../../../src/headless/arguments.js";
import { defaultDataFolder } from "../../../src/headless/dataFolder.js";
import { UsageError } from "../../../src/headless/usageError.js";

const home = { XDG_DATA_HOME: "/data" };
const common = { host: "gpu", json: false, verbose: false, dataFolder: "/data/runicorn-remote" };
const fingerprint = `SHA256:${"a".repeat(43)}`;

describe("parseCommand", () => {
  it.each([
    [["--help"], { kind: "help" }],
    [["--version"], { kind: "version" }],
    [["envs", "gpu"], { kind: "envs", ...common }],
    [["envs", "--json", "ada@gpu:2222"], { kind: "envs", ...common, host: "ada@gpu:2222", json: true }],
    [
      ["open", "gpu", "--env", "train", "--root", "~/runs", "-i", "key", "--data", "here"],
      {
        kind: "open",
        ...common,
        environment: "train",
        root: "~/runs",
        identityFile: "key",
        dataFolder: "here",
      },
    ],
    [
      ["open", "gpu", "--accept-host-key", `${fingerprint}=`],
      { kind: "open", ...common, acceptHostKey: fingerprint },
    ],
    [
      ["serve"],
      {
        kind: "serve",
        address: "127.0.0.1",
        port: 23300,
        dataFolder: "/data/runicorn-remote",
        verbose: false,
      },
    ],
    [
      ["serve", "--host", "::1", "-p", "0", "--token-file", "t", "--data", "/d", "-v"],
      { kind: "serve", address: "::1", port: 0, dataFolder: "/d", tokenFile: "t", verbose: true },
    ],
  ])("understands %j", (argv, command) => {
    expect(parseCommand(argv, home)).toEqual(command);
  });

  it.each([
    [[]],
    [["start", "gpu"]],
    [["open"]],
    [["open", "a", "b"]],
    [["open", "a", "--wrong"]],
    [["open", "a", "--env"]],
    [["envs", "a", "--root", "/x"]],
    [["open", "a", "--port", "1"]],
    [["serve", "a"]],
    [["serve", "--host", "0.0.0.0"]],
    [["serve", "--port", "70000"]],
    [["serve", "--env", "a"]],
    [["open", "a", "--accept-host-key", "yes"]],
    [["open", "a", "--accept-host-key", "MD5:00"]],
  ])("refuses %j", (argv) => {
    expect(() => parseCommand(argv, home)).toThrow(UsageError);
  });
});

describe("defaultDataFolder", () => {
  it.each([
    ["linux", {}, "/home/ada/.local/share/runicorn-remote"],
    ["linux", { XDG_DATA_HOME: "/data" }, "/data/runicorn-remote"],
    ["darwin", {}, "/home/ada/Library/Application Support/runicorn-remote"],
  ] as const)("on %s with %j is %s", (platform, environment, folder) => {
    expect(defaultDataFolder(environment, platform, "/home/ada")).toBe(folder);
  });
});
