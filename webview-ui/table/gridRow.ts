import type { RunTableTexts, TableRow } from "../../src/vscode/runTable/toRunTablePage.js";
import { element } from "../element.js";
import { icon, statusIcon } from "./icons.js";
import { columnsIn, type Layout, placeCell, rowHeight } from "./layout.js";

/** A row as received. */
export interface SentRow {
  readonly row: TableRow;
  /** The ids of its columns. */
  readonly columns: readonly string[];
}

/** A row element, reused for different lines. */
export class GridRow {
  readonly part = element("div", "row");
  readonly #pinned = element("div", "pinned");
  #cells = new Map<number, HTMLElement>();
  #layout: Layout | undefined;
  #shown: SentRow | undefined;
  line = -1;

  constructor(readonly texts: RunTableTexts) {
    this.part.setAttribute("role", "row");
    this.#pinned.setAttribute("role", "presentation");
  }

  /** Returns the cell of a column; a group has only one cell. */
  cellAt(column: number): HTMLElement | undefined {
    return this.#shown?.row.kind === "group" ? this.#cells.get(-1) : this.#cells.get(column);
  }

  /** @param sent undefined while loading. */
  show(line: number, sent: SentRow | undefined, layout: Layout): void {
    const isOther = this.#layout !== layout || this.#shown?.row.kind !== sent?.row.kind;
    if (this.line !== line) {
      this.line = line;
      this.part.style.transform = `translateY(${line * rowHeight}px)`;
      this.part.setAttribute("aria-rowindex", String(line + 2));
    }
    if (isOther) this.#build(layout, sent?.row.kind ?? "run");
    if (sent === this.#shown && !isOther) return;
    this.#shown = sent;
    this.part.classList.toggle("waiting", !sent);
    if (!sent) for (const cell of this.#cells.values()) cell.textContent = "";
    else if (sent.row.kind === "run") this.#showRun(sent.row, sent.columns, layout);
    else this.#showGroup(sent.row, sent.columns, layout);
  }

  /** Sets `aria-level` in a tree of groups and runs. */
  setLevel(isTree: boolean): void {
    if (isTree) this.part.setAttribute("aria-level", this.#shown?.row.kind === "group" ? "1" : "2");
    else this.part.removeAttribute("aria-level");
  }

  #build(layout: Layout, kind: "run" | "group"): void {
    this.#layout = layout;
    this.#cells = new Map();
    this.#pinned.replaceChildren();
    this.part.replaceChildren(this.#pinned);
    this.part.className = `row ${kind}`;
    this.part.removeAttribute("id");
    this.#pinned.style.width = `${kind === "group" ? Math.max(layout.pinnedWidth, 280) : layout.pinnedWidth}px`;
    if (kind === "group") {
      const title = this.#cell(-1, "title", "gridcell");
      title.setAttribute("aria-colindex", "1");
      this.#pinned.append(title);
    }
    for (const column of columnsIn(layout)) {
      const head = layout.heads[column];
      if (kind === "group" && column < layout.pinned) continue;
      const role = head?.id === "run.label" && kind === "run" ? "rowheader" : "gridcell";
      const cell = this.#cell(column, head?.isNumber ? "number" : "", role);
      placeCell(cell, column, layout);
      (column < layout.pinned ? this.#pinned : this.part).append(cell);
    }
  }

  #cell(column: number, className: string, role: string): HTMLElement {
    const cell = element("div", `cell ${className}`.trim());
    cell.setAttribute("role", role);
    this.#cells.set(column, cell);
    return cell;
  }

  #showRun(row: Extract<TableRow, { kind: "run" }>, columns: readonly string[], { heads }: Layout): void {
    this.part.setAttribute("aria-selected", String(row.isSelected));
    this.part.removeAttribute("aria-expanded");
    for (const [column, cell] of this.#cells) {
      const id = heads[column]?.id;
      const at = id === undefined ? -1 : columns.indexOf(id);
      const text = row.cells[at] ?? "";
      const isBest = row.best.includes(at);
      if (id === "run.status") {
        if (cell.textContent !== text || cell.dataset["status"] !== row.status)
          cell.replaceChildren(statusIcon(row.status), text);
        cell.dataset["status"] = row.status;
      } else if (isBest || cell.classList.contains("best")) {
        cell.replaceChildren(...(isBest ? [icon("best"), text, this.#spoken()] : [text]));
      } else if (cell.textContent !== text) cell.textContent = text;
      cell.classList.toggle("best", isBest);
      cell.title = text;
    }
  }

  #spoken(): HTMLElement {
    return element("span", "spoken", `, ${this.texts.best}`);
  }

  #showGroup(row: Extract<TableRow, { kind: "group" }>, columns: readonly string[], { heads }: Layout): void {
    this.part.setAttribute("aria-expanded", String(!row.isCollapsed));
    this.part.removeAttribute("aria-selected");
    for (const [column, cell] of this.#cells) {
      const id = heads[column]?.id;
      const text = column < 0 ? row.title : (row.cells[id === undefined ? -1 : columns.indexOf(id)] ?? "");
      if (column < 0) cell.replaceChildren(icon(row.isCollapsed ? "closed" : "open"), text);
      else cell.textContent = text;
      cell.title = text;
    }
  }
}
