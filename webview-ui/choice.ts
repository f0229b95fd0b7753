import { element } from "./element.js";

/** A radio group. */
export interface Choice<T extends string> {
  readonly element: HTMLElement;
  value: T;
}

export function createChoice<T extends string>(
  label: string,
  options: Readonly<Record<T, string>>,
  onChange: () => void,
): Choice<T> {
  const made = element("vscode-radio-group", "field") as HTMLElement & { value: string };
  made.setAttribute("orientation", "vertical");
  made.setAttribute("aria-label", label);
  const caption = element("label", "", label);
  caption.slot = "label";
  made.append(
    caption,
    ...Object.entries<string>(options).map(([value, text]) => {
      const option = element("vscode-radio", "", text);
      option.setAttribute("value", value);
      return option;
    }),
  );
  made.addEventListener("change", onChange);
  return {
    element: made,
    get value() {
      return made.value as T;
    },
    set value(value) {
      if (made.value !== value) made.value = value;
    },
  };
}
