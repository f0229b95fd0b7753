import { element } from "./element.js";

/** A text field of one or more lines, with label, hint and validation message. */
export interface Field {
  readonly element: HTMLElement;
  value: string;
  /** Sets the validation message, shown once the user has left the field or tried to save. Empty: none. */
  show(problem: string): void;
  /** Shows a message that does not make the field invalid. */
  remark(text: string): void;
  /** Shows validation messages from now on. */
  reveal(): void;
  readonly isWrong: boolean;
  focus(): void;
}

interface FieldParts {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** An element beside the field. */
  readonly side: HTMLElement | undefined;
  /** Default: one line. */
  readonly hasManyLines?: boolean | undefined;
  readonly onInput: () => void;
}

/** The toolkit's field, and the input in its shadow tree once it is rendered. */
type TextFieldElement = HTMLElement & {
  value: string;
  readonly control?: HTMLInputElement | HTMLTextAreaElement;
};

export function createField({ name, label, hint, side, hasManyLines, onInput }: FieldParts): Field {
  const kind = hasManyLines ? "vscode-text-area" : "vscode-text-field";
  const input = element(kind, "", label) as TextFieldElement;
  if (hasManyLines) {
    input.setAttribute("rows", "4");
    input.setAttribute("resize", "vertical");
  }
  input.id = `field-${name}`;
  input.setAttribute("spellcheck", "false");
  const help = element("p", "hint", hint);
  const wrong = element("p", "problem");
  const odd = element("p", "remark");
  for (const told of [wrong, odd]) told.setAttribute("aria-live", "polite");
  const row = element("div", "row");
  row.append(input, ...(side ? [side] : []));
  const made = element("div", "field");
  made.append(row, wrong, odd, help);
  let [problem, isRevealed] = ["", false];

  const draw = (): void => {
    const shown = isRevealed ? problem : "";
    if (wrong.textContent !== shown) wrong.textContent = shown;
    made.classList.toggle("wrong", shown !== "");
    // The input is in a shadow tree, where ids of this document do not resolve.
    const { control } = input;
    if (shown) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
    control?.setAttribute("aria-description", [shown, odd.textContent, hint].filter(Boolean).join(" "));
  };
  const reveal = (): void => {
    isRevealed = true;
    draw();
  };
  input.addEventListener("input", onInput);
  input.addEventListener("focusout", () => {
    // Show no error when the focus only passes an empty field.
    if (input.value !== "") reveal();
  });
  return {
    element: made,
    get value() {
      return input.value;
    },
    set value(value) {
      if (input.value !== value) input.value = value;
    },
    show: (text) => {
      problem = text;
      draw();
    },
    remark: (text) => {
      if (odd.textContent !== text) odd.textContent = text;
      draw();
    },
    reveal,
    get isWrong() {
      return problem !== "";
    },
    focus: () => (input.control ?? input).focus(),
  };
}

/** Creates a toolkit button. @param spoken its accessible name, if it differs. */
export function pressable(text: string, spoken: string, onPress: () => void): HTMLElement {
  const made = element("vscode-button", "", text);
  made.setAttribute("appearance", "secondary");
  if (spoken) made.setAttribute("aria-label", spoken);
  made.addEventListener("click", onPress);
  return made;
}
