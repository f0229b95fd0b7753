import type { ColumnHead } from "../../src/vscode/runTable/toRunTablePage.js";
import { element } from "../element.js";
import { icon } from "./icons.js";
import { columnsIn, type Layout, placeCell } from "./layout.js";

/** Actions on a heading. */
export interface HeadPort {
  sort(column: number, isAdded: boolean): void;
  /** @param to the index to insert before. */
  move(column: number, to: number): void;
  resize(column: number, width: number, isDone: boolean): void;
  menu(column: number, at: { readonly x: number; readonly y: number }): void;
}

/** The sticky header row. */
export interface GridHead {
  readonly part: HTMLElement;
  show(layout: Layout): void;
  cellAt(column: number): HTMLElement | undefined;
}

/** Pixels to move before a drag starts. */
const dragThreshold = 6;

export function createGridHead(port: HeadPort): GridHead {
  const part = element("div", "head");
  const pinned = element("div", "pinned");
  part.setAttribute("role", "row");
  part.setAttribute("aria-rowindex", "1");
  pinned.setAttribute("role", "presentation");
  part.append(pinned);
  let cells = new Map<number, HTMLElement>();
  let layout: Layout | undefined;

  const columnAt = (target: EventTarget | null): number => {
    const cell = target instanceof Element ? target.closest<HTMLElement>(".cell") : null;
    return cell ? Number(cell.dataset["column"]) : -1;
  };
  part.addEventListener("pointerdown", (event) => {
    const column = columnAt(event.target);
    if (!layout || column < 0 || event.button !== 0) return;
    const isResize = event.target instanceof Element && event.target.classList.contains("resizer");
    if (isResize) followResize(event, column, layout, port);
    else followDrag(event, column, layout, part, port);
  });
  part.addEventListener("contextmenu", (event) => {
    const column = columnAt(event.target);
    if (column < 0) return;
    event.preventDefault();
    port.menu(column, { x: event.clientX, y: event.clientY });
  });
  return {
    part,
    cellAt: (column) => cells.get(column),
    show: (next) => {
      layout = next;
      cells = new Map(columnsIn(next).map((column) => [column, headCell(column, next)]));
      const own = [...cells].filter(([column]) => column < next.pinned).map(([, cell]) => cell);
      const others = [...cells].filter(([column]) => column >= next.pinned).map(([, cell]) => cell);
      pinned.style.width = `${next.pinnedWidth}px`;
      pinned.replaceChildren(...own);
      part.replaceChildren(pinned, ...others);
      part.style.width = `${next.width}px`;
    },
  };
}

function headCell(column: number, layout: Layout): HTMLElement {
  const head = layout.heads[column];
  const cell = element("div", `cell${head?.isNumber ? " number" : ""}`);
  cell.setAttribute("role", "columnheader");
  cell.dataset["column"] = String(column);
  placeCell(cell, column, layout);
  if (head) fillHead(cell, head);
  return cell;
}

function fillHead(cell: HTMLElement, { title, figure, detail, sort, sortPlace }: ColumnHead): void {
  cell.title = `${title}${figure && ` · ${figure}`}\n${detail}`;
  cell.setAttribute("aria-sort", sort ?? "none");
  const words = element("span", "words", title);
  if (figure) words.append(" ", element("span", "detail", figure));
  cell.append(words);
  if (sort) cell.append(icon(sort));
  if (sort && sortPlace > 0) cell.append(element("span", "detail", String(sortPlace)));
  const resizer = element("span", "resizer");
  resizer.setAttribute("aria-hidden", "true");
  cell.append(resizer);
}

function followResize(event: PointerEvent, column: number, { heads }: Layout, port: HeadPort): void {
  event.preventDefault();
  const first = heads[column]?.width ?? 0;
  const widthAt = ({ clientX }: PointerEvent): number => first + clientX - event.clientX;
  follow(
    (moved) => port.resize(column, widthAt(moved), false),
    (last) => port.resize(column, widthAt(last), true),
  );
}

/** A click sorts, a drag moves the column. */
function followDrag(
  event: PointerEvent,
  column: number,
  layout: Layout,
  part: HTMLElement,
  port: HeadPort,
): void {
  const mark = element("div", "mark");
  let to: number | undefined;
  follow(
    ({ clientX }) => {
      if (to === undefined && Math.abs(clientX - event.clientX) < dragThreshold) return;
      to = placeAt(clientX, part, layout);
      const cell = part.querySelector<HTMLElement>(
        `[data-column="${Math.min(to, layout.heads.length - 1)}"]`,
      );
      const box = cell?.getBoundingClientRect();
      if (!mark.isConnected) document.body.append(mark);
      const { top, height } = part.getBoundingClientRect();
      mark.style.left = `${(to < layout.heads.length ? box?.left : box?.right) ?? clientX}px`;
      mark.style.top = `${top}px`;
      mark.style.height = `${height}px`;
    },
    () => {
      mark.remove();
      if (to !== undefined) port.move(column, to);
      else port.sort(column, event.shiftKey);
    },
  );
}

/** Returns the index of the column to insert before. */
function placeAt(x: number, part: HTMLElement, layout: Layout): number {
  let to = layout.heads.length;
  for (const cell of part.querySelectorAll<HTMLElement>(".cell")) {
    const { left, width } = cell.getBoundingClientRect();
    if (x < left + width / 2) to = Math.min(to, Number(cell.dataset["column"]));
  }
  return to;
}

function follow(onMove: (event: PointerEvent) => void, onEnd: (event: PointerEvent) => void): void {
  const end = (event: PointerEvent): void => {
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    onEnd(event);
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}
