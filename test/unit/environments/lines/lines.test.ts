import { describe, expect, it } from "vitest";
import { areLines, linesIn, withChange, withoutLines } from "../../../../src/environments/lines/lines.js";

describe("lines to run before", () => {
  it("are the commands of a text, joined where a backslash says so", () => {
    const text = "# modules\n  module load \\\n gcc python \r\n\nexport A='b # c'\r\n";
    expect(linesIn(text)).toEqual(["module load  gcc python", "export A='b # c'"]);
    expect(linesIn(" \n#\n")).toEqual([]);
  });

  it.each([
    ["", true],
    ["module load python\n\texport A=1\r\n", true],
    ["a\0b", false],
    ["a\u001bb", false],
    ["x".repeat(8_001), false],
    [Array.from({ length: 51 }, () => "true").join("\n"), false],
  ])("can be kept where they are short and hold no control characters", (text, isFine) => {
    expect(areLines(text)).toBe(isFine);
  });

  it("are changed one by one, whatever another window made of the others", () => {
    const [a, b, c] = ["module load a", "module load b", "module load c"];
    expect(withChange([a], { at: undefined, before: "", line: b })).toEqual([a, b]);
    expect(withChange([a, b], { at: 1, before: b, line: c })).toEqual([a, c]);
    expect(withChange([c, a, b], { at: 0, before: a, line: "" })).toEqual([c, b]);
    expect(withChange([c, a], { at: 0, before: a, line: b })).toEqual([c, b]);
    expect(withChange([c], { at: 0, before: a, line: "" })).toEqual([c]);
    expect(withChange([c], { at: 0, before: a, line: b })).toEqual([c, b]);
  });

  it("are redacted from the shell's output", () => {
    const lines = ["export TOKEN='abc (def'", "source ~/x"];
    const said = "bash: eval: line 1: unexpected `('\nbash: `export TOKEN='abc (def''\nabc (def, 'abc\nx";
    const told = withoutLines(said, lines);
    expect(told).not.toMatch(/abc|def/);
    expect(told).toContain("unexpected");
    expect(told.endsWith("\nx")).toBe(true);
  });

  it.each([
    ["TOKEN= s3cr3t", "s3cr3t: command not found"],
    ["TOKEN=first s3cr3t", "s3cr3t: command not found"],
    ["export TOKEN=first;s3cr3t", "s3cr3t: command not found"],
    ["export TOKEN=first&s3cr3t", "s3cr3t: command not found"],
    ["export TOKEN= s3cr3t-1", "export: `s3cr3t-1': not a valid identifier"],
    ["export TOKEN 's3cr3t 1'", "export: `s3cr3t 1': not a valid identifier"],
    ["declare -x TOKEN s3cr3t-1", "declare: `s3cr3t-1': not a valid identifier"],
    ['export A=1; setenv TOKEN "s3cr3t-1"', "setenv: s3cr3t-1: no such thing"],
  ])("are redacted even if a value is badly quoted: %s", (line, said) => {
    const told = withoutLines(`bash: line 1: ${said}`, [line]);
    expect(told).not.toContain("s3cr3t");
    expect(told).toMatch(/command not found|not a valid|no such/);
  });

  it("have only their values redacted", () => {
    const said = "bash: line 1: module: command not found";
    for (const line of ["module load python", "A=1; module load python", "A=1 && module load python"])
      expect(withoutLines(said, [line])).toBe(said);
  });

  it("are taken out quickly, whatever they are", () => {
    const started = performance.now();
    for (const piece of ["abc= ", "a=", "= ", "export x ", "=;"]) {
      const line = piece.repeat(8_000 / piece.length);
      withoutLines("bash: nothing of that ".repeat(700), [line]);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
