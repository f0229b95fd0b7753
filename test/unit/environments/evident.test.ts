import { describe, expect, it } from "vitest";
import type { PythonEnvironment } from "../../../src/environments/environment.js";
import {
  configuredRoot,
  environmentOfLastTime,
  evidentEnvironment,
  onlyRootWithRuns,
} from "../../../src/environments/evident.js";
import type { StorageRoot } from "../../../src/environments/storageRoots.js";

const environment = (name: string, runicornVersion?: string, problem?: string): PythonEnvironment => ({
  python: `/home/ada/${name}/bin/python`,
  name,
  kind: "venv",
  prefix: `/home/ada/${name}`,
  pythonVersion: "3.11.9",
  runicornVersion,
  problem,
});
const train = environment("train", "0.7.2");
const old = environment("old", "0.5.3");
const plain = environment("plain");
const broken = environment("broken", "0.7.2", "no such file");

describe("the environment of last time", () => {
  const shared = { ...environment("shared", "0.7.2"), isOthers: true };
  it.each([
    ["is taken again", train, true],
    ["is taken again, also another account's that a person chose", shared, true],
    ["is taken where it was only named, by a person or a file", train, false],
  ])("%s", (_how, one, wasUsed) => {
    expect(environmentOfLastTime({ environments: [plain, one] }, { python: one.python, wasUsed })).toBe(one);
  });

  it.each([
    ["nobody used it and it is another account's", shared, false],
    ["it is broken by now", broken, true],
    ["Runicorn is not there any more", plain, true],
  ])("is none where %s", (_why, one, wasUsed) => {
    expect(environmentOfLastTime({ environments: [one] }, { python: one.python, wasUsed })).toBeUndefined();
  });
});

describe("the environment to use without asking", () => {
  it.each([
    [[train], true],
    [[train, old, plain, broken], true],
    [[plain, environment("next", "0.10.0")], true],
  ])("is the only one whose Runicorn shows today's runs (%#)", (environments, complete) => {
    const expected = environments.find(({ runicornVersion = "" }) => /^0\.(7|10)/.test(runicornVersion));
    expect(evidentEnvironment({ environments, complete })).toBe(expected);
  });

  it.each([
    ["none has Runicorn", [plain], true],
    ["the only one is too old", [old, plain], true],
    ["the only one is broken", [broken], true],
    ["there are two", [train, environment("other", "0.6.0")], true],
    ["there may be another", [train], false],
    ["nothing was found", [], true],
  ])("is none where %s", (_why, environments, complete) => {
    expect(evidentEnvironment({ environments, complete })).toBeUndefined();
  });
});

describe("the storage root to use without asking", () => {
  it("is the configured one", () => {
    expect(configuredRoot({ storageRoot: "/data/runs" })).toBe("/data/runs");
    expect(configuredRoot({ storageRoot: "runs" })).toBeUndefined();
    expect(configuredRoot({ storageRoot: undefined })).toBeUndefined();
  });

  const root = (path: string, runs: number): StorageRoot => ({
    path,
    runs,
    hasArchive: true,
    hasIndex: true,
  });
  const only = (roots: readonly StorageRoot[], complete = true): string | undefined =>
    onlyRootWithRuns({ kind: "searched", roots, complete });

  it("is the only one with runs", () => {
    expect(only([root("/home/ada/runs", 3), root("/home/ada/runicorn_data", 0)])).toBe("/home/ada/runs");
  });

  it("is none if there are several, none with runs, or perhaps another", () => {
    expect(only([root("/a", 3), root("/b", 1)])).toBeUndefined();
    expect(only([root("/a", 0)])).toBeUndefined();
    expect(only([])).toBeUndefined();
    expect(only([root("/a", 3)], false)).toBeUndefined();
    expect(onlyRootWithRuns({ kind: "missing" })).toBeUndefined();
  });
});
