import "@vscode-elements/elements/dist/vscode-button/index.js";
import { element } from "../element.js";

/** A button of the toolkit. */
export function button(label: string, press: () => void, options: { primary?: boolean } = {}): HTMLElement {
  const made = element("vscode-button", "", label);
  if (!options.primary) made.setAttribute("secondary", "");
  made.addEventListener("click", press);
  return made;
}

/** A button that looks like a link, for rows of which there are many. */
export function linkButton(label: string, press: () => void, name = label): HTMLButtonElement {
  const made = element("button", "link", label);
  made.type = "button";
  if (name !== label) made.setAttribute("aria-label", name);
  made.addEventListener("click", press);
  return made;
}
