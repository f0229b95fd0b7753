import type { ColumnChanges } from "./columnChanges.js";
import type { Grid, Place } from "./grid.js";

/** Actions of keys and clicks. */
export interface GridActions {
  readonly columns: ColumnChanges;
  sort(column: number, isAdded: boolean): void;
  open(line: number): void;
  toggle(line: number): void;
  select(how: "only" | "toggle" | "range" | "all" | "none", line: number): void;
  headMenu(column: number, at: { readonly x: number; readonly y: number }): void;
  rowMenu(line: number, at: { readonly x: number; readonly y: number }): void;
  /** The active cell has changed. */
  moved(): void;
}

/** Pixels by which a key resizes a column. */
const resizeStep = 16;

export function listenToGrid(grid: Grid, actions: GridActions): void {
  const { part } = grid;
  part.addEventListener("keydown", (event) => {
    if (event.target !== part || !onKey(event, grid, actions)) return;
    // Otherwise, VS Code would handle the key, too.
    event.preventDefault();
    event.stopPropagation();
  });
  part.addEventListener("mousedown", (event) => {
    const place = grid.placeOf(event.target);
    if (!place || event.button !== 0) return;
    grid.moveTo(place);
    if (grid.rowAt(place.line)?.kind === "group") actions.toggle(place.line);
    else if (event.shiftKey) actions.select("range", place.line);
    else actions.select(event.ctrlKey || event.metaKey ? "toggle" : "only", place.line);
    // Do not select text.
    if (event.shiftKey) event.preventDefault();
    part.focus();
    actions.moved();
  });
  part.addEventListener("dblclick", (event) => {
    const place = grid.placeOf(event.target);
    if (place && grid.rowAt(place.line)?.kind === "run") actions.open(place.line);
  });
  part.addEventListener("contextmenu", (event) => {
    const place = grid.placeOf(event.target);
    if (!place) return;
    event.preventDefault();
    grid.moveTo(place);
    actions.rowMenu(place.line, { x: event.clientX, y: event.clientY });
  });
}

/** @returns whether the key was handled. */
function onKey(event: KeyboardEvent, grid: Grid, actions: GridActions): boolean {
  const { active } = grid;
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) openMenu(grid, actions);
  else if (active.line < 0 && onHeadKey(event, grid, actions)) return true;
  else if (event.key.toLowerCase() === "a" && isCommand) actions.select("all", 0);
  else if (event.key === "Escape") actions.select("none", 0);
  else if (event.key === " " && active.line >= 0)
    actions.select(event.shiftKey ? "range" : "toggle", active.line);
  else if (event.key === "Enter" && active.line >= 0) actions.open(active.line);
  else return onMove(event, grid, actions);
  return true;
}

function onHeadKey(event: KeyboardEvent, grid: Grid, actions: GridActions): boolean {
  const { columns } = actions;
  const { column, line } = grid.active;
  const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : undefined;
  const head = grid.heads[column];
  if (event.key === "Enter" || event.key === " ") actions.sort(column, event.shiftKey);
  else if (event.key === "Delete") columns.hide(column);
  else if (by !== undefined && event.altKey) grid.moveTo({ line, column: columns.shift(column, by) });
  else if (by !== undefined && event.shiftKey && head)
    columns.resize(column, head.width + by * resizeStep, true);
  else return false;
  actions.moved();
  return true;
}

function openMenu(grid: Grid, actions: GridActions): void {
  const { line, column } = grid.active;
  const box = (grid.cellOf(grid.active) ?? grid.part).getBoundingClientRect();
  const at = { x: box.left + 8, y: box.bottom };
  if (line < 0) actions.headMenu(column, at);
  else actions.rowMenu(line, at);
}

function onMove(event: KeyboardEvent, grid: Grid, actions: GridActions): boolean {
  const { active } = grid;
  const to = placeAfter(event, grid);
  if (!to) return false;
  const row = grid.rowAt(active.line);
  const wantsOpen = event.key === "ArrowRight" ? true : event.key === "ArrowLeft" ? false : undefined;
  if (row?.kind === "group" && wantsOpen !== undefined) {
    if (row.isCollapsed === wantsOpen) actions.toggle(active.line);
    return true;
  }
  grid.moveTo(to);
  if (event.shiftKey && to.line !== active.line) actions.select("range", grid.active.line);
  actions.moved();
  return true;
}

function placeAfter(event: KeyboardEvent, grid: Grid): Place | undefined {
  const { line, column } = grid.active;
  const isCommand = event.ctrlKey || event.metaKey;
  const lastColumn = grid.heads.length - 1;
  switch (event.key) {
    case "ArrowDown":
      return { line: line + 1, column };
    case "ArrowUp":
      return { line: line - 1, column };
    case "ArrowLeft":
      return { line, column: column - 1 };
    case "ArrowRight":
      return { line, column: column + 1 };
    case "PageDown":
      return { line: Math.max(0, line) + grid.page, column };
    case "PageUp":
      return { line: Math.max(0, line - grid.page), column };
    case "Home":
      return isCommand ? { line: 0, column: 0 } : { line, column: 0 };
    case "End":
      return isCommand ? { line: grid.count - 1, column: lastColumn } : { line, column: lastColumn };
    default:
      return undefined;
  }
}
