import type { StartingStep } from "../src/vscode/viewers/page.js";
import { element } from "./element.js";

const marks = { done: "✓", now: "", later: "·", warned: "!", failed: "✗" } as const;

/** A step in a list, with its mark. */
export function stepItem({ state, label, detail }: StartingStep): HTMLElement {
  const item = element("li", state);
  const mark = element("span", "mark", marks[state]);
  if (state === "now") {
    mark.append(element("vscode-progress-ring", ""));
    item.setAttribute("aria-current", "step");
  }
  mark.setAttribute("aria-hidden", "true");
  item.append(mark, element("span", "", label), element("span", "detail", detail));
  return item;
}
