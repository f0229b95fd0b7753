import type { Chart } from "../../src/charts/chart.js";
import { displayText } from "../../src/common/text/displayText.js";
import { element } from "../element.js";
import { type ChartElement, type ChartHost, createChart } from "./plot/chart.js";
import { type MenuItem, menuButton } from "./chartMenu.js";
import { fill } from "../fill.js";
import type { YRange } from "./chartState.js";

/** Callbacks of a chart slot to its page. */
export interface SlotHost extends ChartHost {
  /** Further menu items for one chart. */
  readonly exportsOf: (metric: string) => readonly MenuItem[];
  /** Pins were changed. */
  readonly pinsChanged: () => void;
  /** The range of a chart's y axis was changed. */
  readonly yRangeChanged: () => void;
}

/** A placeholder for a chart: only its title, and the rest while it is in view. */
export class ChartSlot {
  readonly section = element("section", "chart");
  readonly #name: string;
  readonly #header = element("header");
  readonly #yRange: HTMLElement;
  #chart: ChartElement | undefined;

  constructor(
    readonly metric: string,
    readonly host: SlotHost,
  ) {
    this.#name = displayText(metric);
    const heading = element("h3", "", this.#name);
    heading.title = this.#name;
    this.#header.append(heading);
    this.section.dataset["metric"] = metric;
    this.section.setAttribute("aria-label", fill(host.model.texts?.chartLabel ?? "{0}", this.#name));
    this.section.append(this.#header);
    this.#yRange = element("div", "y-range");
  }

  get chart(): ChartElement | undefined {
    return this.#chart;
  }

  open(): void {
    if (this.#chart) return;
    const { texts } = this.host.model;
    this.#chart = createChart(this.metric, this.host);
    const name = fill(texts?.actionsOf ?? "{0}", this.#name);
    this.#header.append(menuButton("⋯", name, () => this.#actions()));
    this.section.append(this.#yRange, ...this.#chart.parts);
    this.#showYRange(this.host.model.yRanges.has(this.metric));
  }

  close(): void {
    if (!this.#chart) return;
    this.#chart.dispose();
    this.#chart = undefined;
    this.#header.lastElementChild?.remove();
    this.section.replaceChildren(this.#header);
  }

  /** Rebuilds the plot with other axes or colours. */
  rebuild(): void {
    this.#chart?.rebuild();
  }

  /** Zooms were reset. */
  forgetYRange(): void {
    if (this.#chart) this.#showYRange(false);
  }

  show(chart: Chart): void {
    this.#chart?.show(chart);
  }

  #actions(): readonly MenuItem[] {
    const { model, pinsChanged, exportsOf } = this.host;
    const { texts } = model;
    if (!texts) return [];
    const pin = {
      label: model.pins.has(this.metric) ? texts.unpin : texts.pin,
      choose: () => {
        model.toggle("pins", this.metric);
        pinsChanged();
      },
    };
    const range = {
      label: texts.yRange,
      choose: () => {
        this.#showYRange(true);
        this.#yRange.querySelector("input")?.focus();
      },
    };
    return [pin, range, ...exportsOf(this.metric)];
  }

  /** Shows two fields for the range of the y axis; an empty one means automatic. */
  #showYRange(isShown: boolean): void {
    const { model, yRangeChanged } = this.host;
    const { texts } = model;
    this.#yRange.replaceChildren();
    this.#yRange.hidden = !isShown || !texts;
    if (!isShown || !texts) return;
    const set = (range: YRange): void => {
      if (range[0] === null && range[1] === null) model.yRanges.delete(this.metric);
      else model.yRanges.set(this.metric, range);
      yRangeChanged();
      this.#chart?.rescale();
    };
    const kept = model.yRanges.get(this.metric) ?? [null, null];
    const [from, to] = [texts.yFrom, texts.yTo].map((text, end) => {
      const input = element("input");
      Object.assign(input, {
        type: "number",
        step: "any",
        value: kept[end] === null ? "" : String(kept[end]),
      });
      input.setAttribute("aria-label", `${this.#name}: ${text}`);
      input.placeholder = text;
      return input;
    });
    if (!from || !to) return;
    const valueOf = (input: HTMLInputElement): number | null =>
      input.value === "" || !Number.isFinite(input.valueAsNumber) ? null : input.valueAsNumber;
    for (const input of [from, to]) input.addEventListener("change", () => set([valueOf(from), valueOf(to)]));
    const reset = element("button", "plain", texts.reset);
    reset.type = "button";
    reset.addEventListener("click", () => {
      set([null, null]);
      this.#showYRange(false);
    });
    this.#yRange.append(from, to, reset);
  }
}
