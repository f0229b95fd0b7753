import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/headless/commandLine.js";
import { parseRelayCommand, relayUsage } from "../../../src/headless/relayArguments.js";

const home = { XDG_DATA_HOME: "/data" };
const needed = ["--url", "https://main.example", "--proxy-id", "lab", "--api-key-file", "key"];
const fingerprint = `SHA256:${"a".repeat(43)}`;

describe("the command line of a relay agent", () => {
  it("reaches no host, goes by TLS and keeps no commands unless it says so", () => {
    expect(parseRelayCommand(needed, home)).toEqual({
      help: false,
      url: "https://main.example",
      proxyId: "lab",
      apiKeyFile: "key",
      transport: undefined,
      allowedHosts: [],
      allowedCommands: [],
      caFile: undefined,
      allowInsecure: false,
      limit: undefined,
      perHost: undefined,
      acceptedHostKeys: [],
      keepCommands: false,
      dataFolder: "/data/runicorn-remote",
      verbose: false,
    });
  });

  it("takes each of a repeated option", () => {
    const more = [
      "--allow-host",
      "a",
      "--allow-host",
      "*.lab",
      "--allow-command",
      "nvidia-smi",
      "--limit",
      "9999",
    ];
    expect(parseRelayCommand([...needed, ...more, "--accept-host-key", fingerprint], home)).toMatchObject({
      allowedHosts: ["a", "*.lab"],
      allowedCommands: ["nvidia-smi"],
      acceptedHostKeys: [fingerprint],
      limit: 9999,
    });
  });

  it.each([
    ["a mistyped option, which would allow every command", ["--allow-commands", "nvidia-smi"]],
    ["a key on the command line, where every account can read it", ["--api-key", "x".repeat(32)]],
    ["an argument that belongs to no option", ["gpu-box"]],
    ["an option without its value", ["--allow-host"]],
    ["no commands at once", ["--limit", "0"]],
    ["more than four digits", ["--limit", "10000"]],
    ["what is no number of commands", ["--per-host", "1e3"]],
    ["an unknown transport", ["--transport", "http"]],
    ["a fingerprint that is none", ["--accept-host-key", "SHA256:short"]],
  ])("refuses %s", (_, more) => {
    expect(() => parseRelayCommand([...needed, ...more], home)).toThrow(UsageError);
  });

  it.each(["--url", "--proxy-id", "--api-key-file"])("needs %s, but not for its help", (name) => {
    const at = needed.indexOf(name);
    const others = needed.filter((_, index) => index !== at && index !== at + 1);
    expect(() => parseRelayCommand(others, home)).toThrow(`relay needs ${name}`);
    expect(parseRelayCommand([...others, "--help"], home).help).toBe(true);
  });

  it("is told of in its usage", () => {
    for (const name of ["allow-host", "allow-command", "ca-file", "per-host", "accept-host-key", "data"])
      expect(relayUsage).toContain(`--${name}`);
  });
});
