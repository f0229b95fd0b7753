import { element } from "./element.js";

/** One line of text, or several, with its label, a hint below it, and what is wrong with it. */
export interface Field {
  readonly element: HTMLElement;
  value: string;
  /** Says what is wrong, once somebody has left the field or wanted to save. Empty: nothing. */
  show(problem: string): void;
  /** Says something that stops nothing. */
  remark(text: string): void;
  /** What is wrong is shown from now on. */
  reveal(): void;
  readonly isWrong: boolean;
  focus(): void;
}

interface FieldParts {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Stands beside it. */
  readonly side: HTMLElement | undefined;
  /** Default: one line. */
  readonly hasManyLines?: boolean | undefined;
  readonly onInput: () => void;
}

/** The toolkit's field, and the input in its shadow tree once that is drawn. */
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
    // The input is in a tree of its own, which no id of this one reaches.
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
    // Whoever only passes by an empty field need not be told yet.
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

/** A button of the toolkit. @param spoken its name for a screen reader, where that is another. */
export function pressable(text: string, spoken: string, onPress: () => void): HTMLElement {
  const made = element("vscode-button", "", text);
  made.setAttribute("appearance", "secondary");
  if (spoken) made.setAttribute("aria-label", spoken);
  made.addEventListener("click", onPress);
  return made;
}
