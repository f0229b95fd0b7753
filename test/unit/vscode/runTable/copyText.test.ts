import { describe, expect, it } from "vitest";
import { csvOf, markdownOf } from "../../../../src/vscode/runTable/copyText.js";

describe("a copied table", () => {
  it("is CSV as RFC 4180 has it", () => {
    expect(
      csvOf(
        ["a", 'b "c"'],
        [
          ["x,y", "line\nline"],
          [1e-7, undefined],
          [-2, true],
        ],
      ),
    ).toBe('a,"b ""c"""\r\n"x,y","line\nline"\r\n1e-7,\r\n-2,true\r\n');
  });

  it("has no formula in it", () => {
    const texts = ["=1+1", "+1", "-1", "@a", "\tx", "\r=1", '=HYPERLINK("x","y")', "a=1"];
    expect(csvOf([], [texts])).toBe(`\r\n'=1+1,'+1,'-1,'@a,'\tx,"'\r=1","'=HYPERLINK(""x"",""y"")",a=1\r\n`);
  });

  it("is a table of Markdown whatever its texts are", () => {
    expect(markdownOf(["a|b", "c"], [["<b>*x*", "two\nlines"]])).toBe(
      "| a\\|b | c |\n| --- | --- |\n| \\<b\\>\\*x\\* | two lines |\n",
    );
  });
});
