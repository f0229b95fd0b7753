import type { BestRuns } from "../../src/charts/bestRuns.js";
import type { Chart, MetricName, RunGroup } from "../../src/charts/chart.js";
import { keyOfName } from "../../src/runs/runName.js";
import type {
  ChartRunLabel,
  ChartTexts,
  KeptRun,
  WantedView,
} from "../../src/vscode/charts/chartMessages.js";
import { colorCount, type LineStyle, type Palette, slotCount, themePalette } from "./plot/chartColors.js";
import { type ChartState, type Range, readView, type YRange } from "./chartState.js";

/** A trace in all charts: a run, or a group of runs. */
export interface Trace {
  /** Stable across windows. */
  readonly key: string;
  readonly label: string;
  readonly detail: string;
}

/** The position of the cursor: a chart, and x on its axis. */
export interface Cursor {
  readonly metric: string;
  readonly x: number;
}

/** Up to this many traces are all coloured; of more, only the best and the chosen ones. */
const mostColored = 10;

/** The page's data and view state. Callers that change it must notify the page. */
export class ChartsModel {
  readonly controls: ChartState["controls"];
  range: Range | undefined;
  readonly yRanges: Map<string, YRange>;
  readonly hidden: Set<string>;
  readonly focused: Set<string>;
  readonly pins: Set<string>;
  readonly collapsed: Set<string>;
  readonly #slots: Map<string, number>;

  runs: readonly ChartRunLabel[] = [];
  kept: readonly KeptRun[] = [];
  best: BestRuns = { by: undefined, runs: [] };
  groups: readonly RunGroup[] = [];
  groupings: readonly { readonly id: string; readonly label: string }[] = [];
  names: readonly MetricName[] = [];
  /** Charts in view, by metric. */
  readonly charts = new Map<string, Chart>();
  cursor: Cursor | undefined;
  /** Traces under the pointer, also in other parts of the page. */
  highlighted: ReadonlySet<number> = new Set();
  palette: Palette = themePalette();
  #traces: readonly Trace[] = [];
  #prominent: ReadonlySet<number> = new Set();

  constructor(
    kept: unknown,
    /** Set once the extension has sent them. */
    public texts: ChartTexts | undefined = undefined,
  ) {
    const { controls, range, yRanges, hidden, focused, pins, collapsed, slots } = readView(kept);
    this.controls = controls;
    this.range = range;
    this.yRanges = new Map(yRanges);
    [this.hidden, this.focused] = [new Set(hidden), new Set(focused)];
    [this.pins, this.collapsed] = [new Set(pins), new Set(collapsed)];
    this.#slots = new Map(slots);
  }

  get state(): ChartState {
    return {
      runs: this.kept,
      controls: this.controls,
      range: this.range,
      yRanges: [...this.yRanges],
      hidden: [...this.hidden],
      focused: [...this.focused],
      pins: [...this.pins],
      collapsed: [...this.collapsed],
      slots: [...this.#slots],
    };
  }

  /** @param width of a chart in pixels. */
  view(width: number): WantedView {
    const { x, xMetric, smoothing, replaced, grouping, band } = this.controls;
    const focused = this.groups.length > 0 ? [] : this.prominent.slice(0, 1_000);
    const range: [number, number] | undefined = this.range && [...this.range];
    return { x, xMetric, width, smoothing, replaced, grouping, band, focused, ...(range && { range }) };
  }

  get traces(): readonly Trace[] {
    return this.#traces;
  }

  /** Coloured traces, best first. */
  get prominent(): readonly number[] {
    return [...this.#prominent];
  }

  /** Call after runs, groups, the best or the chosen ones have changed. */
  arrange(): void {
    this.#traces =
      this.groups.length > 0
        ? this.groups.map(({ label, runs }) => ({
            key: `group ${this.controls.grouping} ${label}`,
            label,
            detail: `${runs.length}`,
          }))
        : this.runs.map((run, index) => ({ key: keyOf(this.kept[index]), ...run }));
    const chosen = this.#traces.flatMap(({ key }, trace) => (this.focused.has(key) ? [trace] : []));
    const all = this.#traces.map((_, trace) => trace);
    const isFew = this.groups.length > 0 || all.length <= mostColored;
    const best = this.groups.length > 0 ? [] : this.best.runs.filter((trace) => trace < all.length);
    this.#prominent = new Set([...best, ...chosen, ...(isFew ? all : [])]);
    this.#giveSlots();
  }

  /** Assigns colours by a hash, so that a run has the same colour everywhere; on a collision, the next free one. */
  #giveSlots(): void {
    const used = new Set<number>();
    for (const trace of this.#prominent) {
      const key = this.#traces[trace]?.key ?? "";
      const kept = this.#slots.get(key);
      const first = hashOf(key) % colorCount;
      let slot = kept ?? first;
      // Use all solid colours before dashed ones.
      for (let tries = 0; used.has(slot) && tries < slotCount; tries += 1)
        slot = tries - (tries % colorCount) + ((first + tries) % colorCount);
      used.add(slot);
      this.#slots.set(key, slot);
    }
  }

  isProminent(trace: number): boolean {
    return this.#prominent.has(trace);
  }

  isHidden(trace: number): boolean {
    return this.hidden.has(this.#traces[trace]?.key ?? "");
  }

  /** @returns undefined for a pale trace. */
  styleOf(trace: number, palette = this.palette): LineStyle | undefined {
    if (!this.isProminent(trace) && !this.highlighted.has(trace)) return undefined;
    const key = this.#traces[trace]?.key ?? "";
    return palette.styleOf(this.#slots.get(key) ?? hashOf(key) % slotCount);
  }

  /** Hides all other traces; shows all if they are hidden already. */
  solo(trace: number): void {
    const isAlone =
      !this.isHidden(trace) && this.#traces.every((_, one) => one === trace || this.isHidden(one));
    this.hidden.clear();
    if (isAlone) return;
    this.#traces.forEach(({ key }, one) => one !== trace && this.hidden.add(key));
  }

  toggle(among: "hidden" | "focused" | "pins" | "collapsed", key: string): void {
    const set = this[among];
    if (!set.delete(key)) set.add(key);
  }

  /** The title of the axis. */
  get xTitle(): string {
    const { texts } = this;
    if (!texts) return "";
    switch (this.controls.x) {
      case "step":
        return texts.step;
      case "relative-step":
        return texts.relativeStep;
      case "time":
        return texts.time;
      case "wall-time":
        return texts.wallTime;
      case "metric":
        return this.controls.xMetric;
    }
  }

  /** Formats an x value. */
  xWords(x: number): string {
    return this.controls.x === "wall-time" ? new Date(x * 1_000).toLocaleString() : shortNumber(x);
  }
}

/** Returns a run's key as a string. */
export function keyOf(run: KeptRun | undefined): string {
  return `run ${keyOfName(run ?? { syncId: "", id: "" })}`;
}

export function shortNumber(value: number): string {
  return Number(value.toPrecision(5)).toString();
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}
