import { describe, expect, it } from "vitest";
import { hasOldPython, lacksLibrary } from "../../../src/environments/environment.js";

describe("a Python environment", () => {
  it.each([
    ["2.7.18", true],
    ["3.6.15", true],
    ["3.9", true],
    ["3.10.0", false],
    ["3.14.1", false],
    [undefined, false],
  ])("has a Python that is too old for Runicorn, or not: %s", (pythonVersion, isOld) => {
    expect(hasOldPython({ pythonVersion })).toBe(isOld);
  });

  it.each([
    [
      "python: error while loading shared libraries: libpython3.11.so.1.0: cannot open shared object file",
      true,
    ],
    ["ImportError: libmpi.so.40: cannot open shared object file: No such file or directory", true],
    ["ModuleNotFoundError: No module named 'encodings'", true],
    ["dyld: Library not loaded: @rpath/libpython3.11.dylib", true],
    ["bin/python leads nowhere: the Python it was made with is gone", false],
    ["Segmentation fault", false],
    [undefined, false],
  ])("lacks a library where its interpreter says so: %s", (problem, lacks) => {
    expect(lacksLibrary({ problem })).toBe(lacks);
  });
});
