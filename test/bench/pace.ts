import { median } from "./figures.js";

/** How quickly work was done. */
export interface Figures {
  readonly perSecond: number;
  /** Milliseconds from the beginning of one piece of work to its end. */
  readonly p50: number;
  readonly p99: number;
}

/** Does `count` pieces of work, of which `atOnce` are always under way. */
export async function pace(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<Figures> {
  const times: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const startedAt = performance.now();
      await work(index);
      times.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? 0;
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

/** The median of each figure. */
export function medians(all: readonly Figures[]): Figures {
  const of = (figure: keyof Figures): number => median(all.map((one) => one[figure]));
  return { perSecond: of("perSecond"), p50: of("p50"), p99: of("p99") };
}
