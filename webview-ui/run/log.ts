import type { RunPageTexts } from "../../src/vscode/runPage/runPageTexts.js";
import { element } from "../element.js";
import { button } from "./button.js";

/** The tab with the end of a run's log. */
export interface Log {
  readonly panel: HTMLElement;
  show(lines: readonly string[], note: string): void;
}

/** Maximum distance in pixels from the end to keep scrolling with new lines. */
const nearEnd = 40;

export function createLog(texts: RunPageTexts, tail: () => void): Log {
  const panel = element("div", "log");
  const note = element("p", "detail", texts.readingLog);
  const text = element("pre");
  note.setAttribute("role", "status");
  text.tabIndex = 0;
  text.setAttribute("role", "log");
  text.setAttribute("aria-label", texts.logLabel);
  // Screen readers must not announce every new line.
  text.setAttribute("aria-live", "off");
  text.hidden = true;
  panel.append(button(texts.tailLog, tail), note, text);
  return {
    panel,
    show: (lines, said) => {
      const wasAtEnd = text.hidden || text.scrollHeight - text.scrollTop - text.clientHeight < nearEnd;
      note.textContent = said !== "" ? said : lines.length === 0 ? texts.noLog : "";
      note.hidden = note.textContent === "";
      text.hidden = lines.length === 0;
      text.textContent = lines.join("\n");
      if (wasAtEnd) text.scrollTop = text.scrollHeight;
    },
  };
}
