import type {
  ColumnChoice,
  RunTableTexts,
  ToRunTablePage,
} from "../../src/vscode/runTable/toRunTablePage.js";
import { element } from "../element.js";
import { fill } from "../fill.js";

type Choices = Extract<ToRunTablePage, { kind: "choices" }>;

/** The purpose of the picker: to show columns, or to group by one. */
export type PickerUse = "columns" | "group";

export interface PickerPort {
  search(request: number, text: string): void;
  toggle(column: string): void;
  group(column: string | undefined): void;
  reset(): void;
  closed(): void;
}

/** A list of columns in an overlay. */
export interface Picker {
  readonly isOpen: boolean;
  open(use: PickerUse): void;
  hear(choices: Choices): void;
  /** Call when the shown columns may have changed. */
  refresh(): void;
}

export function createPicker(page: HTMLElement, texts: RunTableTexts, port: PickerPort): Picker {
  const dialog = element("div", "picker");
  const search = element("input");
  const list = element("div", "choices");
  const more = element("p", "detail");
  const buttons = element("div", "buttons");
  const close = element("vscode-button", "", texts.close);
  dialog.setAttribute("role", "dialog");
  list.setAttribute("role", "group");
  more.setAttribute("role", "status");
  search.type = "search";
  search.placeholder = texts.searchColumns;
  search.setAttribute("aria-label", texts.searchColumns);
  let use: PickerUse = "columns";
  let request = 0;

  const ask = (): void => port.search((request += 1), search.value);
  const leave = (): void => {
    dialog.remove();
    port.closed();
  };
  const choiceOf = ({ id, title, detail, isShown, isGroup }: ColumnChoice): HTMLElement => {
    const label = element("label");
    const box = element("input");
    box.type = use === "columns" ? "checkbox" : "radio";
    box.name = "column";
    box.checked = use === "columns" ? isShown : isGroup;
    box.dataset["column"] = id;
    box.addEventListener("change", () => (use === "columns" ? port.toggle(id) : port.group(id)));
    label.append(box, element("span", "label", title), " ", element("span", "detail", detail));
    return label;
  };
  search.addEventListener("input", ask);
  close.addEventListener("click", leave);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    else if (event.key === "ArrowDown" && event.target === search) list.querySelector("input")?.focus();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && use === "columns")
      moveIn(list, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    get isOpen() {
      return dialog.isConnected;
    },
    open: (wanted) => {
      use = wanted;
      const title = use === "columns" ? texts.columns : texts.groupBy;
      const other = element("vscode-button", "", use === "columns" ? texts.resetColumns : texts.noGroups);
      other.setAttribute("secondary", "");
      other.addEventListener("click", () => (use === "columns" ? port.reset() : port.group(undefined)));
      dialog.setAttribute("aria-label", title);
      list.setAttribute("aria-label", title);
      buttons.replaceChildren(other, close);
      dialog.replaceChildren(search, list, more, buttons);
      search.value = "";
      list.replaceChildren();
      page.append(dialog);
      ask();
      search.focus();
    },
    refresh: () => {
      if (dialog.isConnected) ask();
    },
    hear: ({ request: answered, items, total }) => {
      if (answered !== request) return;
      const focused =
        document.activeElement instanceof HTMLElement ? document.activeElement.dataset["column"] : undefined;
      const { scrollTop } = list;
      list.replaceChildren(...items.map(choiceOf));
      list.scrollTop = scrollTop;
      if (focused !== undefined)
        list
          .querySelector<HTMLElement>(`[data-column="${CSS.escape(focused)}"]`)
          ?.focus({ preventScroll: true });
      more.textContent = total > items.length ? fill(texts.moreColumns, total - items.length) : "";
    },
  };
}

function moveIn(list: HTMLElement, key: string): void {
  const boxes = [...list.querySelectorAll("input")];
  const at = boxes.findIndex((box) => box === document.activeElement);
  boxes[Math.max(0, Math.min(boxes.length - 1, at + (key === "ArrowDown" ? 1 : -1)))]?.focus();
}
