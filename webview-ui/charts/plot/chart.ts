import uPlot from "uplot";
import type { Chart, ChartLine } from "../../../src/charts/chart.js";
import { axisRange, type NotDrawn } from "../../../src/charts/drawable.js";
import { displayText } from "../../../src/common/text/displayText.js";
import { element } from "../../element.js";
import { fill } from "../../fill.js";
import { type ChartsModel, shortNumber } from "../chartsModel.js";
import { nearestLine, placesOf, type ShownLines, shownLines, valueAt } from "./lineMath.js";
import { marksLayer, marksText } from "./marksLayer.js";
import { paint } from "./paint.js";
import { cornersOf, optionsOf } from "./plotOptions.js";

/** Callbacks of a chart to its page. */
export interface ChartHost {
  readonly model: ChartsModel;
  /** Zooms the x axis of all charts; undefined resets it. */
  readonly zoom: (range: readonly [number, number] | undefined) => void;
  /** The cursor moved to x, near a trace; undefined: there is none. */
  readonly pointAt: (metric: string, x: number | undefined, trace: number | undefined) => void;
  /** Announces a text to screen readers. */
  readonly say: (text: string) => void;
}

/** The plot of one metric, and the text below it. */
export interface ChartElement {
  readonly parts: readonly HTMLElement[];
  show(chart: Chart): void;
  /** Call when range, scale or lines have changed. */
  rescale(): void;
  /** Call when colours or highlights have changed. */
  repaint(): void;
  /** Call when the kind of axis or the theme has changed. */
  rebuild(): void;
  dispose(): void;
}

const plotHeight = 220;
/** Fraction of the visible range that plus keeps on either side of the cursor; minus undoes that. */
const zoomStep = 0.25;
/** Maximum distance in pixels to hover a line. */
const nearLine = 12;
/** Maximum number of values announced to screen readers. */
const mostSpoken = 10;

/** Cursor movement by keyboard, over the indices of drawn points. */
const moves: Readonly<Record<string, (cursor: number | undefined) => number>> = {
  ArrowLeft: (cursor = 1) => cursor - 1,
  ArrowRight: (cursor = -1) => cursor + 1,
  PageUp: (cursor = 0) => cursor - 20,
  PageDown: (cursor = 0) => cursor + 20,
  Home: () => 0,
  End: () => Number.MAX_SAFE_INTEGER,
};

export function createChart(metric: string, host: ChartHost): ChartElement {
  return new PlottedChart(metric, host);
}

class PlottedChart implements ChartElement {
  readonly #remark = element("p", "remark");
  readonly #frame = element("div", "plot");
  readonly #caption = element("p", "caption");
  readonly #marks = element("p", "marks");
  readonly parts = [this.#remark, this.#frame, this.#caption, this.#marks];
  readonly #sizes = new ResizeObserver(() => this.#fit());
  #chart: Chart;
  #shown: ShownLines = { lines: [], notDrawn: undefined };
  #plot: uPlot | undefined;
  #places: readonly number[] | undefined;
  #place: number | undefined;
  #isPointedAt = false;
  #cursor = { left: -1, top: -1 };

  constructor(
    readonly metric: string,
    readonly host: ChartHost,
  ) {
    this.#chart = { metric, lines: [] };
    const { texts } = host.model;
    const name = displayText(metric);
    this.#remark.hidden = true;
    this.#frame.tabIndex = 0;
    this.#frame.setAttribute("role", "application");
    this.#frame.setAttribute(
      "aria-label",
      `${fill(texts?.chartLabel ?? "{0}", name)}. ${texts?.chartHelp ?? ""}`,
    );
    this.#listen();
    this.#sizes.observe(this.#frame);
  }

  show(chart: Chart): void {
    this.#chart = chart;
    this.#caption.textContent = this.#captionText();
    this.#caption.dataset["values"] = String(chart.lines.reduce((sum, { count }) => sum + count, 0));
    const stretches = chart.lines.reduce((sum, { replaced }) => sum + (replaced?.length ?? 0), 0);
    this.#caption.dataset["replaced"] = String(stretches);
    this.rescale();
  }

  rescale(): void {
    const { model } = this.host;
    this.#shown = shownLines(this.#chart, model);
    this.#places = undefined;
    this.#remark.textContent = this.#remarkText();
    this.#remark.hidden = this.#remark.textContent === "";
    this.#marks.textContent = marksText(this.#shown.lines, model);
    if (this.#plot?.axes[0] && this.#plot.axes[0].label !== model.xTitle) this.rebuild();
    else if (this.#plot)
      this.#plot.setData(cornersOf({ metric: this.metric, model, lines: () => this.#shown.lines }));
  }

  repaint(): void {
    this.#plot?.redraw(false);
  }

  rebuild(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#shown = shownLines(this.#chart, this.host.model);
    this.#fit();
  }

  dispose(): void {
    this.#sizes.disconnect();
    this.#plot?.destroy();
  }

  /** Creates the plot when the frame has a size. */
  #fit(): void {
    const width = this.#frame.clientWidth;
    if (width === 0) return;
    if (this.#plot) this.#plot.setSize({ width, height: plotHeight });
    else this.#draw(width);
  }

  #draw(width: number): void {
    const { model } = this.host;
    const parts = {
      metric: this.metric,
      model,
      palette: model.palette,
      lines: () => this.#shown.lines,
      size: { width, height: plotHeight },
      scale: 1,
      hooks: {
        draw: [(plot: uPlot) => this.#paint(plot)],
        setCursor: [(plot: uPlot) => this.#showCursor(plot)],
        setSelect: [(plot: uPlot) => this.#takeSelection(plot)],
      },
    };
    this.#plot = new uPlot(optionsOf(parts), cornersOf(parts), this.#frame);
  }

  #paint(plot: uPlot): void {
    const { model } = this.host;
    paint(plot, {
      lines: this.#shown.lines,
      model,
      palette: model.palette,
      ratio: window.devicePixelRatio,
      isLog: model.controls.isLog,
    });
    marksLayer(plot, this.#shown.lines, this.metric, model);
  }

  #showCursor(plot: uPlot): void {
    if (!this.#isPointedAt) return;
    const { left = -1, top = -1 } = plot.cursor;
    // New values under an unmoved cursor must not change the highlight.
    if (left === this.#cursor.left && top === this.#cursor.top) return;
    this.#cursor = { left, top };
    if (left < 0) return this.host.pointAt(this.metric, undefined, undefined);
    const x = plot.posToVal(left, "x");
    const pixelsTo = (y: number): number => Math.abs(plot.valToPos(y, "y") - top);
    this.host.pointAt(this.metric, x, nearestLine(this.#shown.lines, x, pixelsTo, nearLine));
  }

  #takeSelection(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.host.zoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
  }

  #listen(): void {
    const frame = this.#frame;
    const point = (isPointedAt: boolean) => (): void => {
      this.#isPointedAt = isPointedAt;
      if (!isPointedAt) this.host.pointAt(this.metric, undefined, undefined);
    };
    frame.addEventListener("pointerenter", point(true));
    frame.addEventListener("pointerleave", point(false));
    frame.addEventListener("dblclick", () => this.host.zoom(undefined));
    frame.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (move) this.#moveTo(move(this.#place));
      else if (event.key === "Escape") this.host.zoom(undefined);
      else if ((event.key === "+" || event.key === "-") && this.#plot)
        this.host.zoom(this.#zoomed(this.#plot, event.key));
      else return;
      event.preventDefault();
    });
    frame.addEventListener("blur", () => this.host.pointAt(this.metric, undefined, undefined));
  }

  /** Returns the lines to announce: the best and the chosen ones first. */
  #spoken(): readonly ChartLine[] {
    const { model } = this.host;
    const colored = this.#shown.lines.filter(({ run }) => model.isProminent(run));
    return (colored.length > 0 ? colored : this.#shown.lines).slice(0, mostSpoken);
  }

  /** Moves the cursor to a drawn point and announces its values. */
  #moveTo(wanted: number): void {
    const { model, say, pointAt } = this.host;
    const lines = this.#spoken();
    const places = (this.#places ??= placesOf(lines));
    const place = Math.max(0, Math.min(places.length - 1, wanted));
    const x = places[place];
    if (x === undefined || !this.#plot) return;
    this.#place = place;
    this.#plot.setCursor({ left: this.#plot.valToPos(x, "x"), top: plotHeight / 3 });
    pointAt(this.metric, x, undefined);
    const values = lines.map((line) => {
      const value = valueAt(line, x);
      const words = value === undefined ? (model.texts?.noValue ?? "") : shortNumber(value);
      return `${model.traces[line.run]?.label ?? ""} ${words}`;
    });
    say(`${displayText(model.xTitle)} ${model.xWords(x)}: ${values.join(", ")}`);
  }

  /** Returns the range after one zoom step, around the cursor if there is one. */
  #zoomed(plot: uPlot, key: "+" | "-"): readonly [number, number] {
    const { min, max } = plot.scales["x"] ?? {};
    const [from, to] = [min ?? 0, max ?? 1];
    const at = this.#place === undefined ? undefined : this.#places?.[this.#place];
    const middle = at === undefined || at < from || at > to ? (from + to) / 2 : at;
    const half = (to - from) * (key === "+" ? zoomStep : 1);
    return axisRange([middle - half, middle + half]);
  }

  #captionText(): string {
    const { texts } = this.host.model;
    const { lines } = this.#chart;
    const count = lines.reduce((sum, line) => sum + line.count, 0);
    const [only] = lines;
    const points = count === 1 && texts ? texts.point : fill(texts?.points ?? "{0}", count);
    if (lines.length !== 1 || !only) return points;
    const latest = only.latest === null ? "–" : shortNumber(only.latest);
    return `${texts?.latest ?? ""} ${latest} · ${points}`;
  }

  #remarkText(): string {
    const { texts, controls } = this.host.model;
    if (!texts) return "";
    const isOffAxis =
      controls.x === "metric" &&
      this.#chart.lines.length > 0 &&
      this.#chart.lines.every(({ xs }) => xs.length === 0);
    if (isOffAxis) return fill(texts.nothingOnAxis, displayText(controls.xMetric));
    const words: Readonly<Record<NotDrawn, string>> = {
      "no-numbers": texts.noNumbers,
      "not-positive": texts.notPositive,
      "too-large": texts.tooLarge,
    };
    return this.#shown.notDrawn === undefined ? "" : words[this.#shown.notDrawn];
  }
}
