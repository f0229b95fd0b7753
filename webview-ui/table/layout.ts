import { mostColumnsAtOnce } from "../../src/runs/view/columnsAtOnce.js";
import type { ColumnHead } from "../../src/vscode/runTable/toRunTablePage.js";

/** Heights of a row and of the header, in pixels. */
export const rowHeight = 24;
export const headHeight = 28;

/** The positions of columns, and which of them are rendered. */
export interface Layout {
  readonly heads: readonly ColumnHead[];
  /** Left edges in pixels, by column. */
  readonly lefts: readonly number[];
  /** The number of pinned columns. */
  readonly pinned: number;
  readonly pinnedWidth: number;
  readonly width: number;
  /** The rendered columns after the pinned ones: from `first`, up to but excluding `last`. */
  readonly first: number;
  readonly last: number;
}

/** Pixels to render beyond the visible area. */
const overscan = 240;
/** Maximum fraction of the width for pinned columns; on a narrower page, none is pinned. */
const mostPinned = 0.6;

export function layOut(heads: readonly ColumnHead[], scrollLeft: number, clientWidth: number): Layout {
  const lefts: number[] = [];
  let width = 0;
  for (const head of heads) {
    lefts.push(width);
    width += head.width;
  }
  const found = heads.findIndex(({ isPinned }) => !isPinned);
  const wanted = found < 0 ? heads.length : found;
  const wantedWidth = lefts[wanted] ?? width;
  const pinned = wantedWidth <= clientWidth * mostPinned && wanted < mostColumnsAtOnce ? wanted : 0;
  const pinnedWidth = pinned === 0 ? 0 : wantedWidth;
  let first = pinned;
  while (
    first < heads.length &&
    (lefts[first] ?? 0) + (heads[first]?.width ?? 0) < scrollLeft + pinnedWidth - overscan
  )
    first += 1;
  let last = first;
  const most = Math.min(heads.length, first + mostColumnsAtOnce - pinned);
  while (last < most && (lefts[last] ?? 0) < scrollLeft + clientWidth + overscan) last += 1;
  return { heads, lefts, pinned, pinnedWidth, width, first, last };
}

export function isSameLayout(a: Layout, b: Layout): boolean {
  return a.heads === b.heads && a.pinned === b.pinned && a.first === b.first && a.last === b.last;
}

/** Returns the indices of rendered columns. */
export function columnsIn({ pinned, first, last }: Layout): readonly number[] {
  const pinnedOnes = Array.from({ length: pinned }, (_, at) => at);
  return [...pinnedOnes, ...Array.from({ length: last - first }, (_, at) => first + at)];
}

/** Positions a cell in its column. */
export function placeCell(cell: HTMLElement, column: number, { lefts, heads }: Layout): void {
  cell.style.left = `${lefts[column] ?? 0}px`;
  cell.style.width = `${heads[column]?.width ?? 0}px`;
  cell.setAttribute("aria-colindex", String(column + 1));
}
