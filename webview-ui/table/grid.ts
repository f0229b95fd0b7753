import type { ColumnHead, RunTableTexts, ToRunTablePage } from "../../src/vscode/runTable/toRunTablePage.js";
import { element } from "../element.js";
import { createGridHead, type GridHead, type HeadPort } from "./gridHead.js";
import { GridRow, type SentRow } from "./gridRow.js";
import { columnsIn, headHeight, isSameLayout, type Layout, layOut, rowHeight } from "./layout.js";

export type Lines = Extract<ToRunTablePage, { kind: "lines" }>;
type Rows = Extract<ToRunTablePage, { kind: "rows" }>;

/** A cell; line -1 is the header. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface GridPort extends HeadPort {
  ask(from: number, to: number, columns: readonly string[]): void;
  scrolled(): void;
}

/** Rows to request above and below the visible ones. */
const overscan = 12;

interface Held extends SentRow {
  /** The version of the table that it belongs to. */
  readonly epoch: number;
  readonly key: string;
}

/** A virtualized grid. It knows the active cell, but no actions. */
export class Grid {
  readonly part = element("div", "grid");
  readonly #body = element("div", "body");
  readonly #head: GridHead;
  readonly #rows = new Map<number, GridRow>();
  readonly #held = new Map<number, Held>();
  #layout: Layout = layOut([], 0, 0);
  #heads: readonly ColumnHead[] = [];
  #lines: Lines | undefined;
  #epoch = 0;
  #isAsking = false;
  #active: Place = { line: 0, column: 0 };
  #drawing = 0;

  constructor(
    readonly texts: RunTableTexts,
    readonly port: GridPort,
  ) {
    this.#head = createGridHead(port);
    const { part } = this;
    part.tabIndex = 0;
    part.setAttribute("role", "grid");
    part.setAttribute("aria-label", texts.title);
    part.setAttribute("aria-multiselectable", "true");
    part.setAttribute("aria-describedby", "grid-help");
    this.#body.setAttribute("role", "rowgroup");
    const top = element("div", "top");
    top.setAttribute("role", "rowgroup");
    top.append(this.#head.part);
    part.append(top, this.#body);
    part.addEventListener("scroll", () => {
      this.#plan();
      port.scrolled();
    });
    part.addEventListener("focus", () => this.#mark());
    new ResizeObserver(() => this.#plan()).observe(part);
  }

  get heads(): readonly ColumnHead[] {
    return this.#heads;
  }

  get active(): Place {
    return this.#active;
  }

  get count(): number {
    return this.#lines?.count ?? 0;
  }

  /** The number of rows to move by Page Up and Page Down. */
  get page(): number {
    return Math.max(1, Math.floor((this.part.clientHeight - headHeight) / rowHeight) - 1);
  }

  /** Returns the current row of a line; undefined while it is loading. */
  rowAt(line: number): SentRow["row"] | undefined {
    const held = this.#held.get(line);
    return held?.epoch === this.#epoch ? held.row : undefined;
  }

  setLines(lines: Lines): void {
    this.#lines = lines;
    this.#epoch += 1;
    // Only the rows of a tree can be expanded.
    this.part.setAttribute("role", lines.groupBy ? "treegrid" : "grid");
    this.part.setAttribute("aria-rowcount", String(lines.count + 1));
    this.part.setAttribute("aria-colcount", String(lines.columns.length));
    this.#body.style.height = `${lines.count * rowHeight}px`;
    for (const line of this.#held.keys()) if (line >= lines.count) this.#held.delete(line);
    if (JSON.stringify(lines.columns) !== JSON.stringify(this.#heads)) this.setHeads(lines.columns);
    const { line, column } = this.#active;
    this.#active = {
      // Keep the active cell on a row, and not on the header.
      line: line < 0 ? -1 : Math.max(0, Math.min(line, lines.count - 1)),
      column: Math.max(0, Math.min(column, lines.columns.length - 1)),
    };
    this.#isAsking = false;
    this.#draw();
  }

  /** Shows new headings before the extension confirms them. */
  setHeads(heads: readonly ColumnHead[]): void {
    this.#heads = heads;
    this.#body.style.width = `${heads.reduce((sum, { width }) => sum + width, 0)}px`;
    this.#draw();
  }

  setRows({ revision, from, rows, columns }: Rows): void {
    this.#isAsking = false;
    // An empty response would cause the same request again.
    if (revision !== this.#lines?.revision || rows.length === 0) return;
    const key = columns.join("\n");
    rows.forEach((row, at) => this.#held.set(from + at, { row, columns, key, epoch: this.#epoch }));
    this.#draw();
  }

  /** Makes a cell active and scrolls it into view. */
  moveTo({ line, column }: Place): void {
    this.#active = {
      line: Math.max(-1, Math.min(line, this.count - 1)),
      column: Math.max(0, Math.min(column, this.#heads.length - 1)),
    };
    this.#reveal();
    this.#draw();
  }

  cellOf({ line, column }: Place): HTMLElement | undefined {
    return line < 0 ? this.#head.cellAt(column) : this.#rows.get(line)?.cellAt(column);
  }

  /** Returns the cell of an event's target. */
  placeOf(target: EventTarget | null): Place | undefined {
    const cell = target instanceof Element ? target.closest(".cell") : null;
    const row = cell?.closest(".row");
    if (!cell || !row) return undefined;
    return {
      line: Number(row.getAttribute("aria-rowindex")) - 2,
      column: Number(cell.getAttribute("aria-colindex") ?? 1) - 1,
    };
  }

  #reveal(): void {
    const { part } = this;
    const { line, column } = this.#active;
    if (line >= 0) {
      const top = line * rowHeight;
      const height = part.clientHeight - headHeight;
      if (top < part.scrollTop) part.scrollTop = top;
      else if (top + rowHeight > part.scrollTop + height) part.scrollTop = top + rowHeight - height;
    }
    const { lefts, pinned, pinnedWidth } = this.#layout;
    const head = this.#heads[column];
    if (!head || column < pinned) return;
    const left = lefts[column] ?? 0;
    if (left < part.scrollLeft + pinnedWidth) part.scrollLeft = left - pinnedWidth;
    else if (left + head.width > part.scrollLeft + part.clientWidth)
      part.scrollLeft = Math.min(left - pinnedWidth, left + head.width - part.clientWidth);
  }

  #plan(): void {
    if (this.#drawing === 0)
      this.#drawing = requestAnimationFrame(() => {
        this.#drawing = 0;
        this.#draw();
      });
  }

  #draw(): void {
    const { part } = this;
    if (!this.#lines) return;
    const next = layOut(this.#heads, part.scrollLeft, part.clientWidth);
    if (!isSameLayout(next, this.#layout)) {
      this.#layout = next;
      this.#head.show(next);
    }
    const from = Math.max(0, Math.floor(part.scrollTop / rowHeight) - 3);
    const to = Math.min(this.count, Math.ceil((part.scrollTop + part.clientHeight) / rowHeight) + 3);
    const isTree = Boolean(this.#lines?.groupBy);
    const free: GridRow[] = [];
    for (const [line, row] of this.#rows) {
      if (line >= from && line < to) continue;
      this.#rows.delete(line);
      free.push(row);
    }
    for (let line = from; line < to; line += 1) {
      let row = this.#rows.get(line);
      if (!row) {
        row = free.pop() ?? this.#newRow();
        this.#rows.set(line, row);
      }
      row.show(line, this.#held.get(line), this.#layout);
      row.setLevel(isTree);
    }
    for (const row of free) row.part.remove();
    this.#mark();
    this.#ask(from, to);
  }

  #newRow(): GridRow {
    const row = new GridRow(this.texts);
    this.#body.append(row.part);
    return row;
  }

  /** Marks the active cell, and sets `aria-activedescendant`. */
  #mark(): void {
    for (const cell of this.part.querySelectorAll(".active")) {
      cell.classList.remove("active");
      cell.removeAttribute("id");
    }
    const { line, column } = this.#active;
    const cell = this.cellOf(this.#active);
    if (!cell) return this.part.removeAttribute("aria-activedescendant");
    cell.classList.add("active");
    cell.id = `cell-${line}-${column}`;
    this.part.setAttribute("aria-activedescendant", cell.id);
  }

  /** Requests missing visible rows, with one request pending at a time. */
  #ask(from: number, to: number): void {
    if (this.#isAsking || to <= from) return;
    const columns = columnsIn(this.#layout).flatMap((column) => this.#heads[column]?.id ?? []);
    const key = columns.join("\n");
    const isMissing = (line: number): boolean => {
      const held = this.#held.get(line);
      return held?.epoch !== this.#epoch || held.key !== key;
    };
    let first = from;
    while (first < to && !isMissing(first)) first += 1;
    if (first === to) return;
    let last = to;
    while (last > first && !isMissing(last - 1)) last -= 1;
    this.#isAsking = true;
    // Skip rows above that are already here: a response may be short, so start at the first missing one.
    let start = Math.max(0, first - overscan);
    while (start < first && !isMissing(start)) start += 1;
    this.port.ask(start, Math.min(this.count, last + overscan), columns);
    if (this.#held.size > 2_000)
      for (const line of this.#held.keys()) if (line < from || line >= to) this.#held.delete(line);
  }
}
