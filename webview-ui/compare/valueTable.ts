import type { ComparisonView, ShownRow } from "../../src/vscode/compare/toComparePage.js";
import type { CompareTexts } from "../../src/vscode/compare/compareTexts.js";
import { element } from "../element.js";
import { linkButton } from "../run/button.js";
import { fill } from "../fill.js";
import { copyInFull } from "./copyValues.js";
import { percentText } from "./percent.js";

/** The arguments of the table. */
export interface ShownValues {
  readonly view: ComparisonView;
  readonly baseline: number;
  readonly showsAll: boolean;
  readonly search: string;
}

/** Callbacks of the table. */
export interface TablePort {
  readonly texts: CompareTexts;
  readonly onBaseline: (run: number) => void;
  readonly onOpen: (run: number) => void;
  /** A run is hovered or focused; undefined: none. */
  readonly onPoint: (run: number | undefined) => void;
}

/** Returns the visible rows. */
export function chosenRows({ view, showsAll, search }: ShownValues): readonly ShownRow[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return view.rows.filter(({ name, differs }) => {
    if (!showsAll && !differs) return false;
    const text = name.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Creates the table; undefined if there are no rows. */
export function valueTable(shown: ShownValues, port: TablePort): HTMLTableElement | undefined {
  const rows = chosenRows(shown);
  if (rows.length === 0) return undefined;
  const { texts, onPoint } = port;
  const table = element("table", "values");
  table.setAttribute("aria-label", texts.table);
  table.append(headOf(shown, port));
  let body: HTMLTableSectionElement | undefined;
  let group = "";
  for (const row of rows) {
    if (row.group !== group || !body) {
      group = row.group;
      body = element("tbody", group);
      const line = element("tr", "group");
      const heading = element("th", "", texts[row.group]);
      heading.scope = "rowgroup";
      heading.colSpan = shown.view.runs.length + 1;
      line.append(heading);
      body.append(line);
      table.append(body);
    }
    body.append(rowOf(row, shown, texts));
  }
  const runAt = (target: EventTarget | null): number | undefined => {
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-run]") : null;
    return cell ? Number(cell.dataset["run"]) : undefined;
  };
  table.addEventListener("pointerover", ({ target }) => onPoint(runAt(target)));
  table.addEventListener("pointerleave", () => onPoint(undefined));
  table.addEventListener("focusin", ({ target }) => onPoint(runAt(target)));
  table.addEventListener("focusout", () => onPoint(undefined));
  copyInFull(table);
  return table;
}

function bestMark({ best }: CompareTexts): HTMLElement {
  const mark = element("span", "best");
  mark.append(element("span", "star", "★"), ` ${best}`);
  return mark;
}

/** Highlights the columns of these runs. */
export function pointAt(table: Element | null, runs: ReadonlySet<number>): void {
  for (const cell of table?.querySelectorAll<HTMLElement>("[data-run]") ?? [])
    cell.classList.toggle("highlighted", runs.has(Number(cell.dataset["run"])));
}

function headOf({ view, baseline }: ShownValues, { texts, onBaseline, onOpen }: TablePort): HTMLElement {
  const head = element("thead");
  const line = element("tr");
  const corner = element("th", "", texts.name);
  corner.scope = "col";
  line.append(corner);
  view.runs.forEach(({ label, detail }, run) => {
    const cell = element("th");
    cell.scope = "col";
    cell.dataset["run"] = String(run);
    const choose = linkButton(
      label,
      () => onBaseline(run),
      run === baseline ? `${label}, ${texts.isBaseline}` : fill(texts.makeBaseline, label),
    );
    choose.setAttribute("aria-pressed", String(run === baseline));
    choose.dataset["baseline"] = String(run);
    choose.title = detail;
    const open = linkButton(texts.open, () => onOpen(run), fill(texts.openRun, label));
    open.dataset["open"] = String(run);
    cell.append(choose);
    if (run === baseline) cell.append(element("span", "badge", texts.isBaseline));
    cell.append(open);
    line.append(cell);
  });
  head.append(line);
  return head;
}

function rowOf(
  { name, texts: shown, numbers, best }: ShownRow,
  { baseline }: ShownValues,
  texts: CompareTexts,
): HTMLElement {
  const line = element("tr");
  const label = element("th", "", name);
  label.scope = "row";
  label.title = name;
  line.append(label);
  const all = shown.map((text, run) => String(numbers[run] ?? text));
  shown.forEach((text, run) => {
    const cell = element("td");
    cell.dataset["run"] = String(run);
    cell.classList.toggle("other", all[run] !== all[baseline]);
    const value = element("span", "value", text === "" ? "–" : text);
    if (all[run] !== text) value.dataset["full"] = value.title = all[run] ?? "";
    if (text === "") value.setAttribute("aria-label", texts.noValue);
    if (text === "") value.setAttribute("role", "img");
    cell.append(value);
    if (best.includes(run)) cell.append(bestMark(texts));
    const percent = run === baseline ? "" : percentText(numbers[baseline] ?? null, numbers[run] ?? null);
    if (percent !== "") cell.append(element("span", "percent", percent));
    line.append(cell);
  });
  return line;
}
