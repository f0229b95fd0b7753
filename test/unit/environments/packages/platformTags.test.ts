import { describe, expect, it } from "vitest";
import {
  downloadArguments,
  type HostPlatform,
  platformTags,
  requirementFrom,
} from "../../../../src/environments/packages/platformTags.js";

const linux: HostPlatform = {
  python: "3.11",
  implementation: "cp",
  system: "linux",
  machine: "x86_64",
  glibc: "2.28",
  musl: "",
  mac: "",
};

describe("packages that pip downloads for another machine", () => {
  it.each<[Partial<HostPlatform>, string[]]>([
    [
      {},
      [
        "manylinux_2_28_x86_64",
        "manylinux_2_27_x86_64",
        "manylinux_2_26_x86_64",
        "manylinux_2_24_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "linux_x86_64",
      ],
    ],
    [
      { glibc: "2.17", machine: "aarch64" },
      ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"],
    ],
    [{ glibc: "", musl: "1.2" }, ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64"]],
    [{ system: "darwin", glibc: "", machine: "arm64", mac: "14.5" }, ["macosx_14_0_arm64"]],
    [{ system: "darwin", glibc: "", mac: "10.15" }, ["macosx_10_15_x86_64"]],
    [{ system: "freebsd13", glibc: "" }, ["any"]],
  ])("match the platform %j", (change, tags) => {
    expect(platformTags({ ...linux, ...change })).toEqual(tags);
  });

  it("have no text of the host that pip or a shell could misread", () => {
    const hostile = {
      python: "3; touch x",
      implementation: "--index-url=http://x",
      machine: "$(id) -r",
      glibc: "2.\n17",
    };
    const words = downloadArguments({ ...linux, ...hostile }, "/to", ["runicorn"]);
    for (const word of words) expect(word).toMatch(/^[\w=:./-]+$/);
    expect(words).toContain("--python-version=3");
    expect(words).toContain("--implementation=cp");
  });

  it.each([
    "exceptiongroup",
    "typing-extensions>=4.6.0",
    "numpy<3,>=1.26",
    "uvicorn[standard]==0.30.*",
    "a~=1.0,!=1.1",
  ])("may include %s", (text) => {
    expect(requirementFrom(text)).toBe(text);
  });

  it.each([
    "-r/etc/passwd",
    "--index-url=http://x",
    "http://x/y.whl",
    "./x.whl",
    "name @ http://x",
    "a b",
    "a\nb",
    "",
    "x".repeat(200),
  ])("never include %j", (text) => {
    expect(requirementFrom(text)).toBeUndefined();
  });
});
