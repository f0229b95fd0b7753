import "@vscode-elements/elements/dist/vscode-button/index.js";
import { element } from "../element.js";

/** Creates a toolkit button. */
export function button(label: string, press: () => void, options: { primary?: boolean } = {}): HTMLElement {
  const made = element("vscode-button", "", label);
  if (!options.primary) made.setAttribute("secondary", "");
  made.addEventListener("click", press);
  return made;
}

/** Creates a button that looks like a link, for long lists. */
export function linkButton(label: string, press: () => void, name = label): HTMLButtonElement {
  const made = element("button", "link", label);
  made.type = "button";
  if (name !== label) made.setAttribute("aria-label", name);
  made.addEventListener("click", press);
  return made;
}
