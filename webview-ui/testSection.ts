import type { ConnectionTexts, TestView } from "../src/vscode/connectionPage/toConnectionPage.js";
import { element } from "./element.js";
import { stepItem } from "./steps.js";

/** Creates the section that shows the steps of a connection test. */
export function createTestSection(texts: ConnectionTexts) {
  const made = element("section", "test");
  const title = element("h2", "", texts.testTitle);
  title.tabIndex = -1;
  const headline = element("p", "headline");
  headline.setAttribute("role", "status");
  const advice = element("p", "hint");
  const output = element("pre");
  output.tabIndex = 0;
  const list = element("ol", "steps");
  made.append(title, headline, advice, output, list);
  made.hidden = true;
  let driving: { readonly start: HTMLElement; readonly cancel: HTMLElement } | undefined;
  return {
    element: made,
    /** Sets the buttons to start and cancel the test, of which one is visible. */
    drivenBy: (start: HTMLElement, cancel: HTMLElement): void => {
      cancel.hidden = true;
      driving = { start, cancel };
    },
    show: (test: TestView): void => {
      made.hidden = false;
      if (headline.textContent !== test.headline) headline.textContent = test.headline;
      advice.textContent = test.advice;
      output.textContent = test.output;
      output.hidden = test.output === "";
      list.replaceChildren(...test.steps.map(stepItem));
      if (!driving) return;
      const [shown, gone] = test.isRunning
        ? [driving.cancel, driving.start]
        : [driving.start, driving.cancel];
      const hadFocus = document.activeElement === gone;
      [shown.hidden, gone.hidden] = [false, true];
      if (hadFocus) shown.focus();
      if (!test.isRunning) made.scrollIntoView({ block: "nearest" });
    },
  };
}
