import type { Chart, ChartPart } from "../../src/charts/chart.js";
import type { KeptRun } from "../../src/vscode/charts/chartMessages.js";
import type { ToChartPage } from "../../src/vscode/charts/toChartPage.js";
import { element } from "../element.js";
import { onThemeChange, themePalette } from "./plot/chartColors.js";
import { ChartsModel, keyOf } from "./chartsModel.js";
import type { ChartsOptions, ChartsPort } from "./chartsView.js";
import { exportCharts, type ExportHost, exportItems } from "./exports.js";
import { createLegend } from "./legend.js";
import { type SectionHost, SectionList } from "./sectionList.js";
import { type ControlChange, createToolbar, type Toolbar } from "./toolbar.js";

/** Debounce time of controls, in milliseconds. */
const calm = 100;
/** Milliseconds to wait for charts before exporting the ones that have arrived. */
const longestWait = 10_000;

/** The controller of toolbar, legend and charts. */
export class ChartsPage {
  readonly model: ChartsModel;
  /** A notice from the extension about the runs. */
  readonly #notice = element("p", "notice");
  /** The result of an action on this page. */
  readonly #told = element("p", "notice");
  readonly #empty = element("p", "detail");
  readonly #spoken = element("div", "spoken");
  readonly #list: SectionList;
  readonly #legend;
  readonly #exports: ExportHost;
  #toolbar: Toolbar | undefined;
  /** Charts and lists of which only some parts have arrived. */
  readonly #parts = new Map<string, Chart>();
  readonly #waiting = new Set<() => void>();
  #extra: readonly string[] = [];
  #inView: readonly string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The width in pixels of the last request. */
  #asked = 0;
  #frame: number | undefined;
  #dueWork = { values: false, paint: false };

  constructor(
    readonly page: HTMLElement,
    readonly port: ChartsPort,
    readonly options: ChartsOptions,
  ) {
    this.model = new ChartsModel(port.kept);
    page.classList.add("charts-page");
    page.classList.toggle("compact", options.compact === true);
    for (const one of [this.#notice, this.#told]) one.setAttribute("role", "status");
    this.#spoken.setAttribute("aria-live", "polite");
    this.#list = new SectionList(this.#sectionHost());
    this.#legend = createLegend({
      model: this.model,
      changed: () => this.#linesChanged(),
      pointAt: (trace) => this.#point(trace === undefined ? [] : [trace], true),
    });
    this.#exports = {
      model: this.model,
      send: (message) => port.send(message),
      shown: () => this.#list.shown,
      chartsOf: (metrics) => this.#chartsOf(metrics),
      tell: (text) => (this.#told.textContent = text),
      kept: () => this.#keep(),
    };
    onThemeChange(() => this.#themeChanged());
    window.addEventListener("resize", () => this.#ask());
    this.#asked = this.#chartWidth();
    port.send({ kind: "ready", view: this.model.view(this.#asked) });
  }

  hear(message: ToChartPage): void {
    const { model } = this;
    switch (message.kind) {
      case "setup":
        return this.#setUp(message);
      case "groupings":
        model.groupings = message.groupings;
        if (message.isWhole) this.#groupingsKnown();
        this.#toolbar?.update();
        return;
      case "runs":
        model.runs = message.isFirst ? message.runs : [...model.runs, ...message.runs];
        model.kept = message.isFirst ? message.kept : [...model.kept, ...message.kept];
        if (message.isLast) this.#arranged();
        return;
      case "best":
        model.best = { by: message.by, runs: message.runs };
        this.#arranged();
        this.#ask();
        return;
      case "names":
        model.names = message.isFirst ? message.names : [...model.names, ...message.names];
        if (message.isLast) this.#namesChanged();
        return;
      case "groups":
        model.groups = message.groups;
        model.charts.clear();
        this.#arranged();
        return;
      case "charts":
        for (const part of message.charts) this.#take(part);
        return;
      case "notice":
        if (this.#notice.textContent !== message.text) this.#notice.textContent = message.text;
        return;
      case "do":
        if (message.action === "reset-zoom") this.#resetZoom();
        else exportCharts(this.#exports, message.action);
    }
  }

  highlight(runs: readonly KeptRun[] | undefined): void {
    const keys = new Set(runs?.map(keyOf));
    const traces = this.model.traces.flatMap(({ key }, trace) => (keys.has(key) ? [trace] : []));
    this.#point(traces, false);
  }

  #setUp({ texts }: Extract<ToChartPage, { kind: "setup" }>): void {
    const { model, page } = this;
    model.texts = texts;
    if (!this.options.compact) document.title = texts.title;
    this.#empty.textContent = texts.loading;
    this.#toolbar = createToolbar({
      model,
      changed: (what) => this.#controlChanged(what),
      axisChanged: () => this.#axisChanged(),
      resetZoom: () => this.#resetZoom(),
      exports: () => exportItems(this.#exports),
    });
    const title = element("h1", "spoken", texts.title);
    const main = element("div", "main");
    main.append(this.#empty, this.#list.element);
    const body = element("div", "body");
    body.append(main, this.#legend.element);
    page.replaceChildren(
      ...(this.options.compact ? [] : [title]),
      this.#toolbar.element,
      this.#notice,
      this.#told,
      body,
      this.#spoken,
    );
  }

  /** Resets a grouping that no longer exists. */
  #groupingsKnown(): void {
    const { controls, groupings } = this.model;
    if (controls.grouping === "" || groupings.some(({ id }) => id === controls.grouping)) return;
    controls.grouping = "";
    this.#ask();
  }

  #sectionHost(): SectionHost {
    const { model } = this;
    return {
      model,
      zoom: (range) => {
        model.range = range;
        this.#rescaled();
        this.#ask();
      },
      pointAt: (metric, x, trace) => this.#pointAt(metric, x, trace),
      say: (text) => (this.#spoken.textContent = text),
      exportsOf: (metric) => exportItems(this.#exports, metric),
      pinsChanged: () => this.#namesChanged(),
      sectionsChanged: () => this.#keep(),
      yRangeChanged: () => {
        this.#toolbar?.update();
        this.#keep();
      },
      seenChanged: (metrics) => {
        this.#inView = metrics;
        this.#see();
        this.#due("values");
        // A hidden page has no width, so request again.
        if (this.#chartWidth() > this.#asked * 1.2) this.#ask();
      },
    };
  }

  #see(): void {
    this.port.send({
      kind: "seen",
      metrics: [...new Set([...this.#inView, ...this.#extra])].slice(0, 1_000),
    });
  }

  #take({ metric, lines, isFirst, isLast }: ChartPart): void {
    const before = isFirst ? [] : (this.#parts.get(metric)?.lines ?? []);
    const chart: Chart = { metric, lines: [...before, ...lines] };
    if (!isLast) {
      this.#parts.set(metric, chart);
      return;
    }
    this.#parts.delete(metric);
    // It was scrolled out of view meanwhile.
    if (!this.#list.isInView(metric) && !this.#extra.includes(metric)) return;
    this.model.charts.set(metric, chart);
    this.#list.slot(metric)?.show(chart);
    for (const look of this.#waiting) look();
    this.#due("values");
  }

  /** Requests charts that are out of view, too, and waits for them. */
  async #chartsOf(metrics: readonly string[]): Promise<readonly Chart[]> {
    const { charts } = this.model;
    this.#extra = metrics.filter((metric) => !charts.has(metric));
    if (this.#extra.length > 0) this.#see();
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (metrics.every((metric) => charts.has(metric))) resolve();
      };
      this.#waiting.add(look);
      setTimeout(resolve, longestWait);
      look();
    });
    this.#waiting.clear();
    const found = metrics.flatMap((metric) => charts.get(metric) ?? []);
    for (const metric of this.#extra) if (!this.#inView.includes(metric)) charts.delete(metric);
    this.#extra = [];
    return found;
  }

  #namesChanged(): void {
    const { model } = this;
    const isAny = this.#list.arrange();
    this.#empty.hidden = isAny;
    if (!isAny && model.texts)
      this.#empty.textContent = model.names.length > 0 ? model.texts.noMatch : model.texts.noMetrics;
    this.#toolbar?.update();
    this.#keep();
    this.#due("values");
  }

  /** Call when other traces are shown or coloured. */
  #linesChanged(): void {
    this.#arranged();
    for (const slot of this.#list.open) slot.chart?.rescale();
    this.#ask();
  }

  #arranged(): void {
    this.model.arrange();
    this.#legend.arrange();
    this.#toolbar?.update();
    this.#keep();
  }

  #controlChanged(what: ControlChange): void {
    this.#told.textContent = "";
    if (what === "filter") return this.#namesChanged();
    this.#keep();
    if (what === "scale") this.#rebuilt();
    if (what === "data") this.#ask();
  }

  #axisChanged(): void {
    // The visible range is in units of the old axis. Keep the drawn lines until those for the new axis arrive.
    this.model.range = undefined;
    this.model.cursor = undefined;
    this.#toolbar?.update();
    this.#keep();
    this.#ask();
  }

  #resetZoom(): void {
    this.model.range = undefined;
    this.model.yRanges.clear();
    for (const slot of this.#list.open) slot.forgetYRange();
    this.#rescaled();
    this.#ask();
  }

  #rescaled(): void {
    for (const slot of this.#list.open) slot.chart?.rescale();
    this.#toolbar?.update();
    this.#keep();
  }

  /** Rebuilds all plots for other axes or colours. */
  #rebuilt(): void {
    for (const slot of this.#list.open) {
      const chart = this.model.charts.get(slot.metric);
      slot.rebuild();
      if (chart) slot.show(chart);
    }
  }

  #themeChanged(): void {
    this.model.palette = themePalette();
    this.#rebuilt();
    this.#legend.arrange();
  }

  #pointAt(metric: string, x: number | undefined, trace: number | undefined): void {
    this.model.cursor = x === undefined ? undefined : { metric, x };
    this.#due("values");
    this.#point(trace === undefined ? [] : [trace], true);
  }

  /** @param isTold whether to notify `onHighlight`. */
  #point(traces: readonly number[], isTold: boolean): void {
    const { model } = this;
    if (traces.join() === [...model.highlighted].join()) return;
    model.highlighted = new Set(traces);
    this.#legend.showHighlight();
    this.#due("paint");
    if (!isTold) return;
    const runs = traces.flatMap((trace) =>
      model.groups.length > 0 ? (model.groups[trace]?.runs ?? []) : [trace],
    );
    const told = runs.flatMap((run) => model.kept[run] ?? []);
    this.port.onHighlight?.(traces.length > 0 ? told : undefined);
  }

  /** Schedules work for the next animation frame. */
  #due(what: "values" | "paint"): void {
    this.#dueWork[what] = true;
    if (this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      const { values, paint } = this.#dueWork;
      this.#frame = undefined;
      this.#dueWork = { values: false, paint: false };
      if (values) this.#legend.showValues();
      if (paint) for (const slot of this.#list.open) slot.chart?.repaint();
    });
  }

  #ask(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#asked = this.#chartWidth();
      this.port.send({ kind: "view", view: this.model.view(this.#asked) });
    }, calm);
  }

  #keep(): void {
    if (this.model.kept.length > 0) this.port.keep(this.model.state);
  }

  /** The width in pixels of the widest chart, for which lines are downsampled. */
  #chartWidth(): number {
    return Math.min(1_500, Math.max(360, this.page.clientWidth * window.devicePixelRatio));
  }
}
