import type { ColumnHead, RunTableTexts } from "../../src/vscode/runTable/toRunTablePage.js";
import { fill } from "../fill.js";

interface ShownColumn {
  readonly id: string;
  readonly width: number;
  readonly isPinned: boolean;
}

export interface ColumnsPort {
  readonly heads: () => readonly ColumnHead[];
  /** Called at once, before the extension answers. */
  readonly show: (heads: readonly ColumnHead[]) => void;
  readonly send: (columns: ShownColumn[]) => void;
  readonly say: (text: string) => void;
  readonly texts: RunTableTexts;
}

/** Actions on columns. Indices count from 0, pinned columns first. */
export interface ColumnChanges {
  /** @param to the index to insert before; pinned columns stay among pinned ones. */
  move(column: number, to: number): void;
  /** Moves a column one place to the left (-1) or right. @returns its new index. */
  shift(column: number, by: -1 | 1): number;
  /** @param isDone false while dragging. */
  resize(column: number, width: number, isDone: boolean): void;
  pin(column: number): void;
  hide(column: number): void;
}

/** Limits of the extension, in pixels. */
const narrowest = 40;
const widest = 2_000;

export function columnChanges({ heads, show, send, say, texts }: ColumnsPort): ColumnChanges {
  const take = (next: readonly ColumnHead[], isDone = true): void => {
    const ordered = [...next.filter(({ isPinned }) => isPinned), ...next.filter(({ isPinned }) => !isPinned)];
    show(ordered);
    if (isDone) send(ordered.map(({ id, width, isPinned }) => ({ id, width, isPinned })));
  };
  const move = (column: number, to: number): number => {
    const all = heads();
    const moved = all[column];
    if (!moved) return column;
    const pinned = all.filter(({ isPinned }) => isPinned).length;
    const [least, most] = moved.isPinned ? [0, pinned] : [pinned, all.length];
    const before = Math.max(least, Math.min(to, most));
    const next = all.filter((_, at) => at !== column);
    const place = before > column ? before - 1 : before;
    next.splice(place, 0, moved);
    take(next);
    say(fill(texts.moved, moved.title, place + 1));
    return place;
  };
  return {
    move: (column, to) => void move(column, to),
    shift: (column, by) => move(column, by < 0 ? column - 1 : column + 2),
    resize: (column, width, isDone) => {
      const bounded = Math.round(Math.max(narrowest, Math.min(width, widest)));
      take(
        heads().map((head, at) => (at === column ? { ...head, width: bounded } : head)),
        isDone,
      );
    },
    pin: (column) =>
      take(heads().map((head, at) => (at === column ? { ...head, isPinned: !head.isPinned } : head))),
    hide: (column) => {
      const all = heads();
      if (all.length < 2) return;
      take(all.filter((_, at) => at !== column));
      say(fill(texts.hidden, all[column]?.title ?? ""));
    },
  };
}
