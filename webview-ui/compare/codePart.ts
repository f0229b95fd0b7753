import type { CompareTexts } from "../../src/vscode/compare/compareTexts.js";
import type { ComparisonView, ShownChange } from "../../src/vscode/compare/toComparePage.js";
import { element } from "../element.js";
import { linkButton } from "../run/button.js";

/** The section of a comparison with the changed source files. */
export interface CodePart {
  readonly section: HTMLElement;
  /** @param other the run to compare with the baseline. */
  show(view: ComparisonView, baseline: number, other: number): void;
  showFiles(files: readonly ShownChange[], note: string): void;
}

export interface CodePort {
  readonly texts: CompareTexts;
  readonly onOther: (run: number) => void;
  readonly onFile: (path: string) => void;
}

export function createCodePart({ texts, onOther, onFile }: CodePort): CodePart {
  const section = element("section", "code");
  const heading = element("h2", "", texts.files);
  const label = element("label", "", texts.compareWith);
  const choice = element("select");
  const note = element("p", "detail");
  const list = element("ul", "changes");
  note.setAttribute("role", "status");
  label.append(choice);
  section.append(heading, label, note, list);
  choice.addEventListener("change", () => onOther(Number(choice.value)));
  return {
    section,
    show: ({ runs }, baseline, other) => {
      choice.replaceChildren(
        ...runs.flatMap(({ label: name }, run) => {
          const option = element("option", "", name);
          option.value = String(run);
          return run === baseline ? [] : [option];
        }),
      );
      choice.value = String(other);
      const isKept = runs[baseline]?.hasCode === true && runs[other]?.hasCode === true;
      section.hidden = !runs.some(({ hasCode }) => hasCode);
      list.replaceChildren();
      note.hidden = false;
      note.textContent = isKept ? texts.readingCode : texts.noCode;
    },
    showFiles: (files, said) => {
      note.textContent = said !== "" ? said : files.length === 0 ? texts.sameCode : "";
      note.hidden = note.textContent === "";
      list.replaceChildren(
        ...files.map(({ path, name, change }) => {
          const item = element("li", change);
          item.append(
            linkButton(name, () => onFile(path)),
            element("span", "detail", texts[change]),
          );
          return item;
        }),
      );
    },
  };
}
