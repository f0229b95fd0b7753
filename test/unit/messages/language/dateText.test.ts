import * as l10n from "@vscode/l10n";
import { afterEach, describe, expect, it } from "vitest";
import chinese from "../../../../l10n/bundle.l10n.zh-cn.json" with { type: "json" };
import { dateTimeText, timeText } from "../../../../src/messages/language/dateText.js";

const at = new Date(2026, 10, 30, 22, 52, 36).getTime();

describe("a date", () => {
  afterEach(() => l10n.config({ contents: {} }));

  it("is written as the system writes it beside English texts", () => {
    expect(dateTimeText(at)).toBe(new Date(at).toLocaleString());
    expect(timeText(at)).toBe(new Date(at).toLocaleTimeString());
  });

  it("is written in Chinese beside Chinese texts", () => {
    l10n.config({ contents: chinese });
    expect(dateTimeText(at)).toBe("2026/11/30 22:52:36");
    expect(timeText(at)).toBe("22:52:36");
  });
});
