import type { Chart } from "../src/charts/chart.js";
import type { ChartRunLabel, ChartTexts, FromChartPage } from "../src/vscode/runs/chartMessages.js";
import { readToChartPage, type ToChartPage } from "../src/vscode/runs/toChartPage.js";
import { type ChartElement, type ChartHost, createChart, swatch } from "./chart.js";
import { onThemeChange } from "./chartColors.js";
import { type ChartState, type Range, readView } from "./chartState.js";
import "./charts.css";
import { element } from "./element.js";
import { onMessage } from "./messages.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromChartPage): void;
  getState(): unknown;
  setState(state: ChartState): void;
};

const vscode = acquireVsCodeApi();
const page = document.getElementById("page") ?? document.body;

/** Milliseconds in which several movements of a control are one. */
const calm = 100;
/** Pixels of the widest chart, by which lines are thinned. */
const chartWidth = (): number => Math.min(1_500, Math.max(360, page.clientWidth * window.devicePixelRatio));

const restored = readView(vscode.getState());
const { controls } = restored;
const ranges = new Map<string, Range>(restored.ranges);
let runs: ChartState["runs"] = [];
const charts = new Map<string, ChartElement>();
const notice = element("p", "notice");
const list = element("div", "charts");
const empty = element("p", "detail");
const spoken = element("div", "spoken");
notice.setAttribute("role", "status");
spoken.setAttribute("aria-live", "polite");
let host: ChartHost | undefined;

function view(): { x: "step" | "time"; width: number; smoothing: number } {
  return { x: controls.x, width: chartWidth(), smoothing: controls.smoothing };
}

function keep(): void {
  vscode.setState({ runs, controls, ranges: [...ranges] });
}

let timer: ReturnType<typeof setTimeout> | undefined;
function askAgain(): void {
  clearTimeout(timer);
  timer = setTimeout(() => vscode.postMessage({ kind: "view", view: view() }), calm);
}

function labelled(text: string, control: HTMLElement): HTMLElement {
  const label = element("label", "", text);
  label.append(control);
  return label;
}

function toolbar(texts: ChartTexts): HTMLElement {
  const axis = element("select");
  for (const [value, text] of [
    ["step", texts.step],
    ["time", texts.time],
  ] as const) {
    const option = element("option", "", text);
    option.value = value;
    axis.append(option);
  }
  axis.value = controls.x;
  axis.addEventListener("change", () => {
    controls.x = axis.value === "time" ? "time" : "step";
    // What was looked at is no part of the other axis.
    ranges.clear();
    keep();
    redraw();
    askAgain();
  });
  const smoothing = element("input");
  Object.assign(smoothing, { type: "range", min: "0", max: "0.99", step: "0.01" });
  smoothing.value = String(controls.smoothing);
  smoothing.addEventListener("input", () => {
    controls.smoothing = Number(smoothing.value);
    keep();
    askAgain();
  });
  const log = element("input");
  log.type = "checkbox";
  log.checked = controls.isLog;
  log.addEventListener("change", () => {
    controls.isLog = log.checked;
    keep();
    redraw();
  });
  const filter = element("input");
  filter.type = "search";
  filter.placeholder = texts.filter;
  filter.setAttribute("aria-label", texts.filter);
  filter.value = controls.filter;
  filter.addEventListener("input", () => {
    controls.filter = filter.value;
    keep();
    if (charts.size > 0) applyFilter();
  });
  const bar = element("div", "toolbar");
  bar.setAttribute("role", "toolbar");
  bar.append(
    labelled(texts.xAxis, axis),
    labelled(texts.smoothing, smoothing),
    labelled(texts.logScale, log),
    filter,
  );
  return bar;
}

function legend(texts: ChartTexts, runs: readonly ChartRunLabel[]): HTMLElement {
  const made = element("ul", "runs");
  made.setAttribute("aria-label", texts.runs);
  made.append(
    ...runs.map(({ label, detail }, run) => {
      const item = element("li");
      item.title = label;
      item.append(swatch(run), label, " ", element("span", "detail", detail));
      return item;
    }),
  );
  return made;
}

function setUp({ texts, runs: labels, kept }: Extract<ToChartPage, { kind: "setup" }>): void {
  document.title = texts.title;
  runs = kept;
  keep();
  empty.textContent = texts.loading;
  host = {
    texts,
    runs: labels,
    isLog: () => controls.isLog,
    xTitle: () => (controls.x === "step" ? texts.step : texts.time),
    range: (metric) => ranges.get(metric),
    zoom: (metric, range) => {
      if (range) ranges.set(metric, range);
      else ranges.delete(metric);
      keep();
      vscode.postMessage({ kind: "zoom", metric, ...(range && { range }) });
    },
    say: (text) => (spoken.textContent = text),
  };
  charts.clear();
  list.replaceChildren();
  const title = element("h1", "spoken", texts.title);
  page.replaceChildren(title, toolbar(texts), notice, legend(texts, labels), empty, list, spoken);
}

function showAll(received: readonly Chart[]): void {
  if (!host) return;
  for (const chart of received) {
    let present = charts.get(chart.metric);
    if (!present) {
      present = createChart(chart.metric, host);
      charts.set(chart.metric, present);
      list.append(present.section);
    }
    present.update(chart);
  }
  applyFilter();
}

function applyFilter(): void {
  const filter = controls.filter.toLocaleLowerCase();
  for (const [metric, { section }] of charts) {
    section.hidden = !metric.toLocaleLowerCase().includes(filter);
  }
  const isAnyShown = [...charts.values()].some(({ section }) => !section.hidden);
  empty.hidden = isAnyShown;
  if (host && !isAnyShown) empty.textContent = charts.size > 0 ? host.texts.noMatch : host.texts.noMetrics;
}

function redraw(): void {
  for (const chart of charts.values()) chart.redraw();
}

onMessage(readToChartPage, (message) => {
  switch (message.kind) {
    case "setup":
      setUp(message);
      return;
    case "charts":
      showAll(message.charts);
      return;
    case "chart":
      charts.get(message.chart.metric)?.update(message.chart);
      return;
    case "notice":
      if (notice.textContent !== message.text) notice.textContent = message.text;
  }
});
onThemeChange(() => {
  redraw();
  const present = page.querySelector(".runs");
  if (present && host) present.replaceWith(legend(host.texts, host.runs));
});
window.addEventListener("resize", askAgain);
vscode.postMessage({
  kind: "ready",
  view: view(),
  ranges: restored.ranges.map(([metric, [from, to]]) => [metric, [from, to]]),
});
