import "@vscode-elements/elements/dist/vscode-button/index.js";
import type { FromRunTablePage, RunAction } from "../../src/vscode/runTable/fromRunTablePage.js";
import type { RunTableTexts, ToRunTablePage } from "../../src/vscode/runTable/toRunTablePage.js";
import { element } from "../element.js";
import { columnChanges, type ColumnChanges } from "./columnChanges.js";
import { createFilterLine, type FilterLine } from "./filterLine.js";
import { Grid, type Lines, type Place } from "./grid.js";
import { listenToGrid } from "./gridKeys.js";
import { showMenu } from "./menu.js";
import { createPicker, type Picker } from "./picker.js";
import { fill } from "../fill.js";

/** The interface of the table to its page. */
export interface TablePort {
  send(message: FromRunTablePage): void;
  /** Saved state, not validated; undefined at first. */
  readonly kept: unknown;
  keep(state: KeptPlace): void;
}

/** The page's state that VS Code restores after a reload. The extension saves the rest. */
interface KeptPlace {
  readonly scrollTop: number;
  readonly scrollLeft: number;
  readonly active: Place;
}

export interface TableView {
  hear(message: ToRunTablePage): void;
}

/** Mounts the table in an element that it owns. */
export function mountTable(page: HTMLElement, port: TablePort): TableView {
  let parts: Parts | undefined;
  return {
    hear: (message) => {
      switch (message.kind) {
        case "setup":
          if (parts) parts.filter.setText(message.filter);
          else parts = new Parts(page, port, message.texts, message.filter, message.actions);
          return;
        case "lines":
          return parts?.showLines(message);
        case "rows":
          return parts?.grid.setRows(message);
        case "completions":
          return parts?.filter.showCompletions(message);
        case "choices":
          return parts?.picker.hear(message);
        case "say":
          return parts?.say(message.text);
      }
    },
  };
}

/** The parts of the page and their interaction. */
class Parts {
  readonly grid: Grid;
  readonly filter: FilterLine;
  readonly picker: Picker;
  readonly columns: ColumnChanges;
  readonly #count = element("span", "count");
  readonly #selected = element("span", "count");
  readonly #selection = element("div", "selection");
  readonly #fresh = element("div", "fresh");
  readonly #freshText = element("span");
  readonly #notice = element("p", "notice");
  readonly #empty = element("div", "empty");
  readonly #spoken = element("div", "spoken");
  #lines: Lines | undefined;
  #isRestored = false;
  #isReading = false;
  #giveBack: HTMLElement | undefined;

  constructor(
    readonly page: HTMLElement,
    readonly port: TablePort,
    readonly texts: RunTableTexts,
    filter: string,
    readonly actions: readonly RunAction[],
  ) {
    document.title = texts.title;
    this.columns = columnChanges({
      heads: () => this.grid.heads,
      show: (heads) => this.grid.setHeads(heads),
      send: (columns) => port.send({ kind: "columns", columns }),
      say: (text) => this.say(text),
      texts,
    });
    this.grid = new Grid(texts, {
      ask: (from, to, columns) => port.send({ kind: "rows", from, to, columns: [...columns] }),
      scrolled: () => this.#keepPlace(),
      sort: (column, isAdded) => this.sort(column, isAdded),
      move: (column, to) => this.columns.move(column, to),
      resize: (column, width, isDone) => this.columns.resize(column, width, isDone),
      menu: (column, at) => this.headMenu(column, at),
    });
    this.filter = createFilterLine(texts, filter, {
      changed: (text) => port.send({ kind: "filter", text }),
      complete: (request, text, cursor) => port.send({ kind: "complete", request, text, cursor }),
    });
    this.picker = createPicker(page, texts, {
      search: (request, search) => port.send({ kind: "choices", request, search }),
      toggle: (column) => port.send({ kind: "toggleColumn", column }),
      group: (column) => port.send({ kind: "group", ...(column !== undefined && { column }) }),
      reset: () => port.send({ kind: "resetColumns" }),
      closed: () => this.#giveBack?.focus(),
    });
    this.#build();
    listenToGrid(this.grid, this);
  }

  #build(): void {
    const { texts, page, grid, filter } = this;
    const bar = element("div", "toolbar");
    const columns = this.#button(texts.columns, () => this.picker.open("columns"));
    const group = this.#button(texts.groupBy, () => this.picker.open("group"));
    for (const button of [columns, group])
      button.addEventListener("click", () => (this.#giveBack = button), true);
    this.#count.setAttribute("role", "status");
    bar.append(filter.part, this.#count, columns, group);
    const gridHelp = element("p", "spoken", `${texts.gridHelp} ${texts.columnHelp}`);
    gridHelp.id = "grid-help";
    this.#selection.setAttribute("role", "toolbar");
    this.#selection.setAttribute("aria-label", texts.actions);
    this.#selection.append(
      this.#selected,
      ...this.actions.map((action) => this.#button(texts[action], () => this.act(action))),
    );
    this.#fresh.setAttribute("role", "status");
    this.#fresh.append(
      this.#freshText,
      this.#button(texts.show, () => this.#renew()),
    );
    this.#notice.setAttribute("role", "status");
    this.#spoken.setAttribute("aria-live", "polite");
    this.#empty.textContent = texts.loading;
    this.#selection.hidden = this.#fresh.hidden = grid.part.hidden = true;
    page.replaceChildren(
      element("h1", "spoken", texts.title),
      bar,
      this.#notice,
      this.#selection,
      this.#fresh,
      grid.part,
      this.#empty,
      gridHelp,
      this.#spoken,
    );
    document.addEventListener("keydown", (event) => {
      if (event.key !== "F6") return;
      event.preventDefault();
      event.stopPropagation();
      if (document.activeElement === grid.part || grid.part.hidden) filter.focus();
      else grid.part.focus();
    });
  }

  #button(label: string, onClick: () => void): HTMLElement {
    const button = element("vscode-button", "", label);
    button.setAttribute("secondary", "");
    button.addEventListener("click", onClick);
    return button;
  }

  showLines(lines: Lines): void {
    const { texts, grid } = this;
    this.#lines = lines;
    const { total, runs, selected, fresh, isStale, hasCopies, notice } = lines;
    this.filter.setProblems(lines.problems);
    this.#count.textContent = countText(texts, runs, total);
    this.#selected.textContent = fill(texts.selected, selected);
    this.#selection.hidden = selected === 0;
    this.#fresh.hidden = !isStale;
    this.#freshText.textContent = !isStale ? "" : fresh > 0 ? fill(texts.fresh, fresh) : texts.stale;
    if (this.#notice.textContent !== notice) this.#notice.textContent = notice;
    grid.part.hidden = lines.count === 0;
    this.#empty.hidden = lines.count > 0;
    if (lines.count === 0) this.#showEmpty(hasCopies, total);
    grid.setLines(lines);
    this.picker.refresh();
    this.#restore();
    this.#tellReading();
  }

  #showEmpty(hasCopies: boolean, total: number): void {
    const { texts, port } = this;
    const [text, button] =
      total > 0
        ? ([texts.noMatch, this.#button(texts.clearFilter, () => this.clearFilter())] as const)
        : ([
            hasCopies ? texts.loading : texts.noCopies,
            this.#button(texts.syncRuns, () => port.send({ kind: "sync" })),
          ] as const);
    if (this.#empty.dataset["text"] === text) return;
    this.#empty.dataset["text"] = text;
    this.#empty.replaceChildren(element("p", "", text), ...(total > 0 || !hasCopies ? [button] : []));
  }

  clearFilter(): void {
    this.filter.setText("");
    this.port.send({ kind: "filter", text: "" });
    this.filter.focus();
  }

  sort(column: number, isAdded: boolean, isDescending?: boolean): void {
    const id = this.grid.heads[column]?.id;
    if (id === undefined) return;
    this.port.send({
      kind: "sort",
      column: id,
      isAdded,
      ...(isDescending !== undefined && { isDescending }),
    });
  }

  act(action: RunAction): void {
    const { line } = this.grid.active;
    this.port.send({ kind: "act", action, ...(line >= 0 && { line }) });
  }

  /** Handles Enter and double click. */
  open(line: number): void {
    if (this.grid.rowAt(line)?.kind === "group") return this.port.send({ kind: "toggle", line });
    this.select("only", line);
    this.port.send({ kind: "act", action: "open", line });
  }

  select(how: "only" | "toggle" | "range" | "all" | "none", line: number): void {
    if (line < 0) return;
    this.port.send({ kind: "select", how, line });
  }

  toggle(line: number): void {
    this.port.send({ kind: "toggle", line });
  }

  headMenu(column: number, at: { readonly x: number; readonly y: number }): void {
    const { texts, grid } = this;
    const head = grid.heads[column];
    if (!head) return;
    grid.moveTo({ line: -1, column });
    const group = (id?: string): void =>
      this.port.send({ kind: "group", ...(id !== undefined && { column: id }) });
    showMenu(
      [
        { label: texts.sortUp, run: () => this.sort(column, false, false) },
        { label: texts.sortDown, run: () => this.sort(column, false, true) },
        { label: texts.groupByThis, run: () => group(head.id) },
        ...(this.#lines?.groupBy ? [{ label: texts.ungroup, run: () => group() }] : []),
        { label: head.isPinned ? texts.unpin : texts.pin, run: () => this.columns.pin(column) },
        { label: texts.moveLeft, run: () => this.columns.shift(column, -1) },
        { label: texts.moveRight, run: () => this.columns.shift(column, 1) },
        { label: texts.widen, run: () => this.columns.resize(column, head.width + 32, true) },
        { label: texts.narrow, run: () => this.columns.resize(column, head.width - 32, true) },
        { label: texts.hide, run: () => this.columns.hide(column) },
      ],
      at,
      head.title,
      () => grid.part.focus(),
    );
  }

  rowMenu(line: number, at: { readonly x: number; readonly y: number }): void {
    const row = this.grid.rowAt(line);
    if (row?.kind === "run" && !row.isSelected) this.select("only", line);
    const items = this.actions.map((action) => ({ label: this.texts[action], run: () => this.act(action) }));
    showMenu(items, at, this.texts.actions, () => this.grid.part.focus());
  }

  say(text: string): void {
    this.#spoken.textContent = text;
  }

  #renew(): void {
    this.port.send({ kind: "renew" });
    this.grid.part.scrollTop = 0;
    this.grid.part.focus();
  }

  /** Tells the extension not to reorder rows while the user has scrolled, selected rows, or left the first one. */
  #tellReading(): void {
    const { part, active } = this.grid;
    const isOnRow = document.activeElement === part && active.line > 0;
    const isReading = part.scrollTop > 0 || (this.#lines?.selected ?? 0) > 0 || isOnRow;
    if (isReading === this.#isReading) return;
    this.#isReading = isReading;
    this.port.send({ kind: "reading", isReading });
  }

  /** Saves the active cell and scroll position. Also called after keys and clicks. */
  #keepPlace(): void {
    const { part, active } = this.grid;
    this.#tellReading();
    if (this.#isRestored) this.port.keep({ scrollTop: part.scrollTop, scrollLeft: part.scrollLeft, active });
  }

  moved(): void {
    this.#keepPlace();
  }

  #restore(): void {
    if (this.#isRestored || !this.#lines || this.#lines.count === 0) return;
    const place = readPlace(this.port.kept);
    if (place) {
      this.grid.moveTo(place.active);
      this.grid.part.scrollTop = place.scrollTop;
      this.grid.part.scrollLeft = place.scrollLeft;
    }
    this.#isRestored = true;
  }
}

function countText(texts: RunTableTexts, shown: number, total: number): string {
  if (shown !== total) return fill(texts.countOf, shown, total);
  return total === 1 ? texts.countOne : fill(texts.count, total);
}

function readPlace(kept: unknown): KeptPlace | undefined {
  if (!isObject(kept) || !isObject(kept["active"])) return undefined;
  const { scrollTop, scrollLeft, active } = kept;
  const { line, column } = active;
  const all = [scrollTop, scrollLeft, line, column];
  if (!all.every((one): one is number => typeof one === "number" && Number.isFinite(one))) return undefined;
  const [top, left, activeLine, activeColumn] = all as [number, number, number, number];
  return { scrollTop: top, scrollLeft: left, active: { line: activeLine, column: activeColumn } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
