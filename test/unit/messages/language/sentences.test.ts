import * as l10n from "@vscode/l10n";
import { afterEach, describe, expect, it } from "vitest";
import chinese from "../../../../l10n/bundle.l10n.zh-cn.json" with { type: "json" };
import { sentences } from "../../../../src/messages/language/sentences.js";

describe("sentences", () => {
  afterEach(() => l10n.config({ contents: {} }));

  it("have a space between them, and none where one is empty", () => {
    expect(sentences("It is gone.", "Try again.")).toBe("It is gone. Try again.");
    expect(sentences("It is gone.", "")).toBe("It is gone.");
    expect(sentences("", "Try again.")).toBe("Try again.");
  });

  it("have no space between them in Chinese", () => {
    l10n.config({ contents: chinese });
    expect(sentences("已断开。", "请重试。")).toBe("已断开。请重试。");
  });
});
