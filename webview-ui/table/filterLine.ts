import type {
  FilterProblem,
  RunTableTexts,
  ToRunTablePage,
} from "../../src/vscode/runTable/toRunTablePage.js";
import { element } from "../element.js";

type Completions = Extract<ToRunTablePage, { kind: "completions" }>;

/** Callbacks of the filter to its page. */
export interface FilterPort {
  changed(text: string): void;
  complete(request: number, text: string, cursor: number): void;
}

/** The filter input. */
export interface FilterLine {
  readonly part: HTMLElement;
  readonly text: string;
  setText(text: string): void;
  setProblems(problems: readonly FilterProblem[]): void;
  showCompletions(completions: Completions): void;
  focus(): void;
}

const listId = "completions";
const problemId = "problem";

// eslint-disable-next-line max-lines-per-function -- the parts of one control, which share its text
export function createFilterLine(texts: RunTableTexts, first: string, port: FilterPort): FilterLine {
  const part = element("div", "filter");
  const mirror = element("div", "mirror");
  const input = element("input");
  const list = element("ul", "completions");
  const problem = element("p", "problem");
  mirror.setAttribute("aria-hidden", "true");
  Object.assign(input, {
    type: "text",
    spellcheck: false,
    autocomplete: "off",
    placeholder: texts.filterHelp,
  });
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-label", texts.filter],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", listId],
    ["aria-describedby", problemId],
  ] as const)
    input.setAttribute(name, value);
  input.value = first;
  list.id = listId;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", texts.completions);
  list.hidden = true;
  problem.id = problemId;
  part.append(mirror, input, list, problem);

  let [request, active]: [number, number] = [0, -1];
  /** Presses of Down while completions are requested. */
  let waiting = 0;
  let isAcceptWaiting = false;
  /** A request for completions is pending. */
  let isAsking = false;
  let shown: Completions | undefined;
  let problems: readonly FilterProblem[] = [];

  const close = (): void => {
    waiting = 0;
    isAcceptWaiting = false;
    shown = undefined;
    active = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  /** Whether the shown completions belong to the current text. */
  const isFresh = (): boolean => shown?.request === request;
  const ask = (): void => {
    isAsking = true;
    port.complete((request += 1), input.value, input.selectionStart ?? input.value.length);
  };
  /** Ignores pending responses. */
  const askNoMore = (): void => {
    isAsking = false;
    request += 1;
  };
  const draw = (): void => {
    const text = input.value;
    mirror.replaceChildren();
    let at = 0;
    for (const { from, to } of problems) {
      if (from < at || to > text.length) continue;
      mirror.append(text.slice(at, from), element("span", "wrong", text.slice(from, to)));
      at = to;
    }
    mirror.append(text.slice(at));
    mirror.scrollLeft = input.scrollLeft;
    problem.textContent = problems[0]?.message ?? "";
    input.setAttribute("aria-invalid", String(problems.length > 0));
  };
  const changed = (): void => {
    // The positions of the previous problems are outdated.
    problems = [];
    draw();
    port.changed(input.value);
  };
  const activate = (to: number): void => {
    const items = [...list.children];
    active = items.length === 0 ? -1 : (to + items.length) % items.length;
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
    const item = items[active];
    if (!item) return;
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };
  const accept = (at: number): void => {
    const item = shown?.items[at];
    if (!shown || !item) return;
    const { from, to } = shown;
    const rest = input.value.slice(to);
    const isWord = /[\p{L}\p{N}"]$/u.test(item.insert);
    const inserted = isWord && !/^\s/.test(rest) ? `${item.insert} ` : item.insert;
    input.value = input.value.slice(0, from) + inserted + rest;
    const cursor = from + inserted.length;
    input.setSelectionRange(cursor, cursor);
    close();
    changed();
    ask();
  };
  input.addEventListener("input", () => {
    changed();
    ask();
  });
  input.addEventListener("scroll", () => (mirror.scrollLeft = input.scrollLeft));
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target instanceof Element ? event.target.closest("li") : null;
    if (item) accept([...list.children].indexOf(item));
  });
  input.addEventListener("keydown", (event) => {
    const isOpen = shown !== undefined;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (isOpen && !isFresh()) waiting += event.key === "ArrowDown" ? 1 : 0;
      else if (isOpen) activate(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
      else ask();
    } else if (event.key === " " && event.ctrlKey) ask();
    else if (event.key === "Enter" && isOpen && waiting > 0) isAcceptWaiting = true;
    else if ((event.key === "Enter" || event.key === "Tab") && isOpen && active >= 0 && isFresh())
      accept(active);
    else if (event.key === "Enter" || event.key === "Escape") {
      // Escape while completions are pending closes them and does not clear the text.
      const isLeft = isOpen || (event.key === "Escape" && isAsking);
      if (event.key === "Escape" && isAsking) askNoMore();
      if (isLeft) close();
      else if (event.key === "Escape" && input.value !== "") {
        input.value = "";
        changed();
      } else return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  draw();
  return {
    part,
    get text() {
      return input.value;
    },
    setText: (text) => {
      if (input.value === text) return;
      input.value = text;
      close();
      draw();
    },
    setProblems: (found) => {
      problems = found;
      draw();
    },
    showCompletions: (completions) => {
      if (completions.request !== request) return;
      isAsking = false;
      if (document.activeElement !== input) return;
      if (completions.items.length === 0) return close();
      shown = completions;
      active = -1;
      list.replaceChildren(...completions.items.map(itemOf));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      input.removeAttribute("aria-activedescendant");
      if (waiting > 0) activate(waiting - 1);
      waiting = 0;
      if (isAcceptWaiting) accept(active);
    },
    focus: () => input.focus(),
  };
}

function itemOf({ label, detail }: Completions["items"][number], at: number): HTMLElement {
  const item = element("li");
  item.id = `completion-${at}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.append(element("span", "label", label), " ", element("span", "detail", detail));
  return item;
}
