import uPlot from "uplot";
import type { Chart } from "../src/charts/chart.js";
import { drawableOf, type NotDrawn } from "../src/charts/drawable.js";
import { displayText } from "../src/common/text/displayText.js";
import type { ChartRunLabel, ChartTexts } from "../src/vscode/runs/chartMessages.js";
import { lineStyle, themeColor } from "./chartColors.js";
import type { Range } from "./chartState.js";
import { element } from "./element.js";

/** What a chart needs from the page around it. */
export interface ChartHost {
  readonly texts: ChartTexts;
  readonly runs: readonly ChartRunLabel[];
  readonly isLog: () => boolean;
  readonly xTitle: () => string;
  /** The part of the axis that is looked at; undefined: the whole. */
  readonly range: (metric: string) => Range | undefined;
  /** Asks for the points of a part of the axis, or of the whole. */
  readonly zoom: (metric: string, range: [number, number] | undefined) => void;
  /** Reads aloud. */
  readonly say: (text: string) => void;
}

/** One metric: a plot, and a table with the same figures in words. */
export interface ChartElement {
  readonly section: HTMLElement;
  update(chart: Chart): void;
  /** Draws anew: another theme, another scale. */
  redraw(): void;
}

const plotHeight = 220;
/** Part of the axis that plus and minus keep on either side. */
const zoomStep = 0.25;

/** Where a key leads from the place of the cursor among the drawn points. */
const moves: Readonly<Record<string, (cursor: number | undefined) => number>> = {
  ArrowLeft: (cursor = 1) => cursor - 1,
  ArrowRight: (cursor = -1) => cursor + 1,
  PageUp: (cursor = 0) => cursor - 20,
  PageDown: (cursor = 0) => cursor + 20,
  Home: () => 0,
  End: () => Number.MAX_SAFE_INTEGER,
};

export function createChart(metric: string, host: ChartHost): ChartElement {
  const { texts, zoom, say } = host;
  const { section, everything, plot, table, remark } = partsOf(metric, texts);
  let chart: Chart = { metric, lines: [] };
  let drawn: uPlot | undefined;
  let isSeen = false;

  const showRange = (): void => {
    const range = host.range(metric);
    everything.hidden = range === undefined;
    if (range) drawn?.setScale("x", { min: range[0], max: range[1] });
  };
  const setRange = (wanted: [number, number] | undefined): void => {
    zoom(metric, wanted);
    everything.hidden = wanted === undefined;
  };

  /** What is drawn; what is not, is said. */
  const data = (): uPlot.AlignedData => {
    const { lines, notDrawn } = drawableOf(chart, host.isLog());
    remark.textContent = notDrawn === undefined ? "" : remarkOf(notDrawn, texts);
    remark.hidden = notDrawn === undefined;
    return dataOf(chart, lines);
  };

  const draw = (): void => {
    drawn?.destroy();
    drawn = new uPlot(
      optionsOf(chart, host, plot.clientWidth, { onCursor: showValues, onSelect: setRange }),
      data(),
      plot,
    );
    showRange();
    showValues();
  };

  const showValues = (): void => {
    table.replaceChildren(...valueRows(chart, host, drawn));
  };

  /** Moves to a place among the drawn points and reads what is there. */
  const moveTo = (place: (cursor: number | undefined) => number): void => {
    const words = drawn && movedTo(drawn, place(drawn.cursor.idx ?? undefined), chart, host);
    if (words !== undefined) say(words);
  };

  plot.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (move) moveTo(move);
    else if (event.key === "Escape") setRange(undefined);
    else if ((event.key === "+" || event.key === "-") && drawn) setRange(zoomed(drawn, event.key));
    else return;
    event.preventDefault();
  });
  everything.addEventListener("click", () => {
    setRange(undefined);
    plot.focus();
  });
  plot.addEventListener("dblclick", () => setRange(undefined));
  new ResizeObserver(() => {
    if (drawn && plot.clientWidth > 0) drawn.setSize({ width: plot.clientWidth, height: plotHeight });
  }).observe(plot);
  // A run may log hundreds of metrics: only what is seen is drawn.
  new IntersectionObserver((entries) => {
    isSeen = entries.some(({ isIntersecting }) => isIntersecting);
    if (isSeen && !drawn) draw();
  }).observe(section);

  return {
    section,
    update: (next) => {
      const sameRuns = next.lines.map(({ run }) => run).join() === chart.lines.map(({ run }) => run).join();
      chart = next;
      if (!drawn) {
        showValues();
        if (isSeen) draw();
      } else if (!sameRuns) draw();
      else {
        drawn.setData(data(), host.range(metric) === undefined);
        showRange();
        showValues();
      }
    },
    redraw: () => {
      if (drawn) draw();
    },
  };
}

function partsOf(metric: string, texts: ChartTexts) {
  const name = displayText(metric);
  const section = element("section", "chart");
  const heading = element("h2", "", name);
  heading.title = name;
  const everything = element("button", "", texts.resetZoom);
  const plot = element("div", "plot");
  const table = element("table");
  const header = element("header");
  header.append(heading, everything);
  const remark = element("p", "remark");
  remark.hidden = true;
  section.append(header, remark, plot, table);
  section.setAttribute("aria-label", fill(texts.chartLabel, name));
  table.setAttribute("aria-label", name);
  everything.hidden = true;
  plot.tabIndex = 0;
  plot.setAttribute("role", "application");
  plot.setAttribute("aria-label", `${fill(texts.chartLabel, name)}. ${texts.chartHelp}`);
  return { section, everything, plot, table, remark };
}

/** The part of the axis after one step, around the cursor where there is one. */
function zoomed(drawn: uPlot, key: "+" | "-"): [number, number] {
  const { min = 0, max = 1 } = drawn.scales["x"] ?? {};
  const width = (max ?? 1) - (min ?? 0);
  const index = drawn.cursor.idx;
  const middle = index === null || index === undefined ? (min ?? 0) + width / 2 : (drawn.data[0][index] ?? 0);
  const half = key === "+" ? width * zoomStep : width;
  return [middle - half, middle + half];
}

interface ChartEvents {
  readonly onCursor: () => void;
  /** A part of the axis was drawn over. */
  readonly onSelect: (range: [number, number]) => void;
}

function optionsOf(chart: Chart, host: ChartHost, width: number, events: ChartEvents): uPlot.Options {
  const stroke = themeColor("--vscode-foreground", "#888");
  const grid = { stroke: themeColor("--vscode-editorIndentGuide-background1", "#8883"), width: 1 };
  const font = fontOf();
  const axis = { stroke, grid, ticks: grid, font };
  return {
    width,
    height: plotHeight,
    legend: { show: false },
    cursor: { sync: { key: "metrics" }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: false }, y: { distr: host.isLog() ? 3 : 1 } },
    axes: [
      { ...axis, label: host.xTitle(), labelSize: 18, size: 34, labelFont: font },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      ...chart.lines.map(({ run }): uPlot.Series => {
        const { color, dash } = lineStyle(run);
        return { stroke: color, dash: [...dash], width: 1.5, pxAlign: 0, points: { show: false } };
      }),
    ],
    hooks: {
      setCursor: [events.onCursor],
      setSelect: [
        (made) => {
          const { left, width } = made.select;
          if (width < 4) return;
          events.onSelect([made.posToVal(left, "x"), made.posToVal(left + width, "x")]);
          made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** The rows of the table: each run's value at the cursor, its latest one, and how many there are. */
function valueRows(
  chart: Chart,
  { texts, runs, xTitle }: ChartHost,
  drawn: uPlot | undefined,
): HTMLElement[] {
  const index = drawn?.cursor.idx ?? undefined;
  const x = index === undefined ? undefined : drawn?.data[0][index];
  const head = element("tr");
  const titles = [
    texts.runs,
    x === undefined ? texts.value : `${xTitle()} ${short(x)}`,
    texts.latest,
    texts.points,
  ];
  head.append(...titles.map((title) => headingCell("col", title)));
  const rows = chart.lines.map(({ run, latest, count }, line) => {
    const row = element("tr");
    const name = headingCell("row");
    name.append(swatch(run), runs[run]?.label ?? "");
    const at = index === undefined ? undefined : nearest(drawn?.data[line + 1], index);
    const values = [at === undefined ? "–" : short(at), latest === null ? "–" : short(latest), String(count)];
    row.append(name, ...values.map((text) => element("td", "", text)));
    return row;
  });
  return [head, ...rows];
}

/** A cell that names its column or its row. */
function headingCell(scope: "col" | "row", text = ""): HTMLElement {
  const made = element("th", "", text);
  made.scope = scope;
  return made;
}

/** Moves the cursor to a point. @returns its values in words for a screen reader; undefined where no point is. */
function movedTo(drawn: uPlot, wanted: number, chart: Chart, host: ChartHost): string | undefined {
  const xs = drawn.data[0];
  const index = Math.max(0, Math.min(xs.length - 1, wanted));
  const x = xs[index];
  if (x === undefined) return undefined;
  drawn.setCursor({ left: drawn.valToPos(x, "x"), top: plotHeight / 3 });
  const values = chart.lines.map(({ run }, line) => {
    const value = nearest(drawn.data[line + 1], index);
    return `${host.runs[run]?.label ?? ""} ${value === undefined ? host.texts.noValue : short(value)}`;
  });
  return `${host.xTitle()} ${short(x)}: ${values.join(", ")}`;
}

/** Several runs share one axis: where one has no point, its line goes on undisturbed; a gap it logged stays a gap. */
function dataOf({ lines }: Chart, ys: readonly (readonly (number | null)[])[]): uPlot.AlignedData {
  if (lines.length === 0) return [[], []];
  return uPlot.join(lines.map(({ xs }, line) => [[...xs], [...(ys[line] ?? [])]] as uPlot.AlignedData));
}

function remarkOf(notDrawn: NotDrawn, texts: ChartTexts): string {
  switch (notDrawn) {
    case "no-numbers":
      return texts.noNumbers;
    case "not-positive":
      return texts.notPositive;
    case "too-large":
      return texts.tooLarge;
  }
}

/** The value at the place, or the last one before it. */
function nearest(values: uPlot.AlignedData[number] | undefined, index: number): number | undefined {
  for (let at = index; values && at >= 0 && at > index - 1000; at -= 1) {
    const value = values[at];
    if (typeof value === "number") return value;
    if (value === null) return undefined;
  }
  return undefined;
}

/** The mark of a run: its colour and dashes. */
export function swatch(run: number): HTMLElement {
  const { color, dash } = lineStyle(run);
  const made = element("span", "swatch");
  made.style.borderTopColor = color;
  made.style.borderTopStyle = dash.length === 0 ? "solid" : (dash[0] ?? 0) > 3 ? "dashed" : "dotted";
  return made;
}

function short(value: number): string {
  return Number(value.toPrecision(5)).toString();
}

function fontOf(): string {
  const { fontFamily } = getComputedStyle(document.body);
  return `11px ${fontFamily}`;
}

/** Puts a value into a text's `{0}`. */
function fill(text: string, value: string): string {
  return text.replace("{0}", () => value);
}
