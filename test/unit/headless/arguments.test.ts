import { describe, expect, it } from "vitest";
import { parseCommand } from "../../../src/headless/arguments.js";
import { UsageError } from "../../../src/headless/commandLine.js";

const home = { XDG_DATA_HOME: "/data" };
const common = { host: "gpu", json: false, verbose: false, dataFolder: "/data/runicorn-remote", before: [] };
const fingerprint = `SHA256:${"a".repeat(43)}`;

describe("parseCommand", () => {
  it.each([
    [["--help"], { kind: "help" }],
    [["--version"], { kind: "version" }],
    [["envs", "gpu"], { kind: "envs", ...common }],
    [
      ["envs", "gpu", "--before", "module load python", "--before", "export A=1"],
      { kind: "envs", ...common, before: ["module load python", "export A=1"] },
    ],
    [["diagnose", "gpu"], { kind: "diagnose", ...common }],
    [["envs", "--local"], { kind: "envs", ...common, host: undefined }],
    [["open", "--local"], { kind: "open", ...common, host: undefined, allowPortOn: [] }],
    [["status", "--local"], { kind: "status", ...common, host: undefined }],
    [["status", "gpu", "--root", "/data"], { kind: "status", ...common, root: "/data" }],
    [["envs", "--json", "ada@gpu:2222"], { kind: "envs", ...common, host: "ada@gpu:2222", json: true }],
    [
      [
        "open",
        "gpu",
        "--env",
        "train",
        "--root",
        "~/runs",
        "-i",
        "key",
        "--data",
        "here",
        "--allow-port-on",
        "gpu",
      ],
      {
        kind: "open",
        ...common,
        allowPortOn: ["gpu"],
        environment: "train",
        root: "~/runs",
        identityFile: "key",
        dataFolder: "here",
      },
    ],
    [
      ["open", "gpu", "--accept-host-key", `${fingerprint}=`],
      { kind: "open", allowPortOn: [], ...common, acceptHostKey: fingerprint },
    ],
    [
      ["known-hosts", "replace", "gpu", "--accept-host-key", fingerprint],
      {
        kind: "known-hosts",
        host: "gpu",
        keepOld: false,
        dataFolder: "/data/runicorn-remote",
        verbose: false,
        acceptHostKey: fingerprint,
      },
    ],
    [
      ["known-hosts", "add", "gpu"],
      {
        kind: "known-hosts",
        host: "gpu",
        keepOld: true,
        dataFolder: "/data/runicorn-remote",
        verbose: false,
      },
    ],
    [
      ["serve"],
      {
        kind: "serve",
        address: "127.0.0.1",
        port: 23300,
        dataFolder: "/data/runicorn-remote",
        verbose: false,
        allowPortOn: [],
        allowedOrigins: [],
      },
    ],
    [
      ["serve", "--host", "::1", "-p", "0", "--token-file", "t", "--data", "/d", "-v"],
      {
        kind: "serve",
        address: "::1",
        port: 0,
        dataFolder: "/d",
        tokenFile: "t",
        verbose: true,
        allowPortOn: [],
        allowedOrigins: [],
      },
    ],
    [
      [
        "serve",
        "--data",
        "/d",
        "--allow-origin",
        "http://localhost:5173",
        "--allow-origin",
        "vscode-webview://a",
      ],
      {
        kind: "serve",
        address: "127.0.0.1",
        port: 23300,
        dataFolder: "/d",
        verbose: false,
        allowPortOn: [],
        allowedOrigins: ["http://localhost:5173", "vscode-webview://a"],
      },
    ],
  ])("parses %j", (argv, command) => {
    expect(parseCommand(argv, home)).toEqual(command);
  });

  it.each([
    [["open", "login", "--slurm", "--slurm-option="]],
    [[]],
    [["start", "gpu"]],
    [["open"]],
    [["open", "a", "b"]],
    [["open", "a", "--wrong"]],
    [["open", "a", "--env"]],
    [["envs", "a", "--root", "/x"]],
    [["status", "a", "--env", "x"]],
    [["status", "a", "--root", "runs"]],
    [["status", "a", "--root", "~/runs"]],
    [["open", "a", "--port", "1"]],
    [["serve", "a"]],
    [["serve", "--host", "0.0.0.0"]],
    [["serve", "--port", "70000"]],
    [["known-hosts"]],
    [["known-hosts", "list", "gpu"]],
    [["known-hosts", "replace"]],
    [["known-hosts", "replace", "a", "b"]],
    [["known-hosts", "replace", "a", "--json"]],
    [["serve", "--env", "a"]],
    [["serve", "--allow-origin", "http://localhost:5173/"]],
    [["serve", "--allow-origin", "*"]],
    [["open", "a", "--allow-origin", "http://localhost:5173"]],
    [["open", "a", "--accept-host-key", "yes"]],
    [["open", "a", "--accept-host-key", "MD5:00"]],
  ])("refuses %j", (argv) => {
    expect(() => parseCommand(argv, home)).toThrow(UsageError);
  });
});
