import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram } from "../support/packages.js";

const python = findProgram("python3");

describe.skipIf(!python)("our programs on hosts (needs python3)", () => {
  it("hold nothing that Python 3.6 does not read", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".py"))
      .map((name) => join("src", name));
    expect(files.length).toBeGreaterThan(5);
    const check = [
      "import ast, sys",
      "for name in sys.argv[1:]:",
      "    with open(name, encoding='utf-8') as file:",
      "        ast.parse(file.read(), name, feature_version=(3, 6))",
    ].join("\n");
    execFileSync(python ?? "", ["-c", check, ...files], { stdio: "pipe" });
  });
});
