import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import type { RunPageTexts } from "../../src/vscode/runPage/runPageTexts.js";
import type { RunSection, RunSectionId, RunView } from "../../src/vscode/runPage/toRunPage.js";
import { element } from "../element.js";
import { linkButton } from "./button.js";
import { fill } from "../fill.js";

/** The tab with a run's names and values. */
export interface Overview {
  readonly panel: HTMLElement;
  show(view: RunView): void;
}

export interface OverviewPort {
  readonly texts: RunPageTexts;
  /** The saved search. */
  readonly search: string;
  readonly onSearch: (text: string) => void;
  readonly copy: (section: RunSectionId, row: number) => void;
}

interface Wanted {
  readonly id: RunSectionId;
  /** Its contents as text, to detect changes. */
  readonly text: string;
  readonly make: () => HTMLElement;
}

type Drawn = Pick<Wanted, "id" | "text"> & { readonly made: HTMLElement };

/** Replaces only changed sections, so that updates of a live run do not move the focus. */
function createSections(lists: HTMLElement): (wanted: readonly Wanted[]) => void {
  let drawn: readonly Drawn[] = [];
  const focusOf = (): string | undefined => (document.activeElement as HTMLElement | null)?.dataset["copied"];
  return (wanted) => {
    const focused = focusOf();
    const next = wanted.map(({ id, text, make }, place): Drawn => {
      const before = drawn[place];
      return before?.id === id && before.text === text ? before : { id, text, made: make() };
    });
    const areSame = next.length === drawn.length && next.every(({ id }, place) => drawn[place]?.id === id);
    if (!areSame) lists.replaceChildren(...next.map(({ made }) => made));
    else
      for (const [place, { made }] of next.entries())
        if (drawn[place]?.made !== made) drawn[place]?.made.replaceWith(made);
    drawn = next;
    if (focused === undefined || focusOf() === focused) return;
    for (const one of lists.querySelectorAll<HTMLElement>("[data-copied]"))
      if (one.dataset["copied"] === focused) return one.focus({ preventScroll: true });
  };
}

export function createOverview({ texts, search, onSearch, copy }: OverviewPort): Overview {
  const panel = element("div", "overview");
  const field = element("vscode-textfield") as HTMLElement & { value: string; label: string };
  field.setAttribute("type", "search");
  field.setAttribute("placeholder", texts.search);
  field.label = texts.search;
  field.value = search;
  const lists = element("div", "sections");
  const draw = createSections(lists);
  const empty = element("p", "detail", texts.noMatch);
  const head = element("div");
  empty.setAttribute("role", "status");
  panel.append(head, field, empty, lists);
  let shown: readonly RunSection[] = [];
  const filter = (): void => {
    const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const made = shown.flatMap((section) => {
      const rows = section.rows.flatMap(({ name, value }, row) => {
        const text = `${name} ${value}`.toLocaleLowerCase();
        return words.every((word) => text.includes(word)) ? [{ name, value, row }] : [];
      });
      if (rows.length === 0) return [];
      const text = JSON.stringify([section.title, section.more, rows]);
      return [{ id: section.id, text, make: () => sectionOf(section, rows) }];
    });
    draw(made);
    empty.hidden = made.length > 0 || shown.length === 0;
  };

  const sectionOf = (
    { id, title, more }: RunSection,
    rows: readonly { readonly name: string; readonly value: string; readonly row: number }[],
  ): HTMLElement => {
    const made = element("section", `section ${id}`);
    const heading = element("h2", "", title);
    heading.id = `section-${id}`;
    made.setAttribute("aria-labelledby", heading.id);
    const table = element("table");
    table.append(
      ...rows.map(({ name, value, row }) => {
        const line = element("tr");
        const label = element("th", "", name);
        label.scope = "row";
        label.title = name;
        const cell = element("td");
        const text = element("span", "value", value);
        const copies = linkButton(texts.copy, () => copy(id, row), fill(texts.copyValue, name));
        copies.dataset["copied"] = JSON.stringify([id, name]);
        cell.append(text, copies);
        line.append(label, cell);
        return line;
      }),
    );
    made.append(heading, table);
    if (more > 0) made.append(element("p", "detail", fill(texts.more, more)));
    return made;
  };

  field.addEventListener("input", () => {
    onSearch(field.value);
    filter();
  });

  return {
    panel,
    show: (view) => {
      shown = view.sections;
      head.replaceChildren(...headOf(view, texts));
      filter();
    },
  };
}

/** Creates the elements above the values: unreadable files, tags and the note. */
function headOf({ tags, note, skipped }: RunView, texts: RunPageTexts): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (skipped.length > 0) {
    const made = element("section", "notice");
    made.append(element("h2", "", texts.skipped));
    const list = element("ul");
    list.append(...skipped.map((text) => element("li", "", text)));
    made.append(list);
    parts.push(made);
  }
  if (tags.length > 0) {
    const list = element("ul", "tags");
    list.setAttribute("aria-label", texts.tags);
    list.append(...tags.map((tag) => element("li", "", tag)));
    parts.push(list);
  }
  if (note !== "") {
    const made = element("section", "note");
    made.append(element("h2", "", texts.note), element("p", "", note));
    parts.push(made);
  }
  return parts;
}
