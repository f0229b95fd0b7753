import { displayText } from "../../src/common/text/displayText.js";
import { element } from "../element.js";
import { fill } from "../fill.js";
import { type ChartsModel, shortNumber } from "./chartsModel.js";
import { valueAt } from "./plot/lineMath.js";

/** Callbacks of the legend to its page. */
export interface LegendHost {
  readonly model: ChartsModel;
  /** Other traces are shown or coloured. */
  readonly changed: () => void;
  readonly pointAt: (trace: number | undefined) => void;
}

/** The legend of all charts: which traces are shown, in which colour, and their values. */
export interface Legend {
  readonly element: HTMLElement;
  /** Call when traces or colours have changed. */
  arrange(): void;
  /** Call when the cursor or values have changed. */
  showValues(): void;
  /** Call when other traces are highlighted. */
  showHighlight(): void;
}

interface Row {
  readonly trace: number;
  readonly item: HTMLElement;
  readonly value: HTMLElement;
}

export function createLegend(host: LegendHost): Legend {
  return new LegendList(host);
}

class LegendList implements Legend {
  readonly element = element("aside", "legend");
  readonly #heading = element("h2");
  readonly #note = element("p", "detail");
  readonly #valueTitle = element("p", "value-title");
  readonly #list = element("ul", "runs");
  #rows: readonly Row[] = [];

  constructor(readonly host: LegendHost) {
    this.#list.addEventListener("pointerleave", () => host.pointAt(undefined));
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.#list.contains(relatedTarget))) host.pointAt(undefined);
    });
  }

  arrange(): void {
    const { model } = this.host;
    const { texts } = model;
    if (!texts) return;
    const title = model.groups.length > 0 ? texts.groups : texts.runs;
    this.#heading.textContent = title;
    this.element.setAttribute("aria-label", title);
    this.#list.setAttribute("aria-label", title);
    this.#note.textContent = this.#noteText();
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset : {};
    const colored = model.prominent;
    const rest = model.traces.map((_, trace) => trace).filter((trace) => !model.isProminent(trace));
    this.#rows = [...colored, ...rest].map((trace) => this.#rowOf(trace));
    this.#list.replaceChildren(...this.#rows.map(({ item }) => item));
    this.element.replaceChildren(this.#heading, this.#note, this.#buttons(), this.#valueTitle, this.#list);
    // Restore the focus.
    if (focused["trace"] !== undefined) {
      const same = `[data-trace="${focused["trace"]}"][data-part="${focused["part"] ?? ""}"]`;
      this.#list.querySelector<HTMLElement>(same)?.focus();
    }
    this.showValues();
    this.showHighlight();
  }

  showValues(): void {
    const { model } = this.host;
    const { texts, cursor } = model;
    if (!texts) return;
    const metric = cursor?.metric ?? [...model.charts.keys()][0];
    const chart = metric === undefined ? undefined : model.charts.get(metric);
    const name = displayText(metric ?? "");
    const x = cursor && chart ? cursor.x : undefined;
    this.#valueTitle.textContent =
      metric === undefined
        ? ""
        : x === undefined
          ? fill(texts.latestOf, name)
          : fill(texts.valueAt, name, `${displayText(model.xTitle)} ${model.xWords(x)}`);
    const lines = new Map(chart?.lines.map((line) => [line.run, line]));
    for (const { trace, value } of this.#rows) {
      const line = lines.get(trace);
      const shown = line && (x === undefined ? (line.latest ?? undefined) : valueAt(line, x));
      const text = shown === undefined ? "–" : shortNumber(shown);
      if (value.textContent !== text) value.textContent = text;
    }
  }

  showHighlight(): void {
    const { highlighted } = this.host.model;
    for (const { trace, item } of this.#rows) item.classList.toggle("highlighted", highlighted.has(trace));
  }

  #noteText(): string {
    const { model } = this.host;
    const { texts, best, traces } = model;
    if (!texts) return "";
    const shown = traces.filter((_, trace) => !model.isHidden(trace)).length;
    const count = fill(texts.shown, shown, traces.length);
    const isAllColored = traces.length === model.prominent.length;
    if (model.groups.length > 0 || (isAllColored && !best.by)) return count;
    const coloring = !best.by
      ? fill(texts.newest, best.runs.length)
      : fill(
          best.by.mode === "min" ? texts.bestLow : texts.bestHigh,
          best.runs.length,
          displayText(best.by.metric),
        );
    return isAllColored ? count : fill(texts.sentences, count, coloring);
  }

  #buttons(): HTMLElement {
    const { model, changed } = this.host;
    const bar = element("div", "legend-buttons");
    const button = (text: string, act: () => void): HTMLElement => {
      const made = element("button", "plain", text);
      made.type = "button";
      made.addEventListener("click", () => {
        act();
        changed();
      });
      return made;
    };
    bar.append(
      button(model.texts?.showAll ?? "", () => model.hidden.clear()),
      button(model.texts?.hideAll ?? "", () => model.traces.forEach(({ key }) => model.hidden.add(key))),
    );
    return bar;
  }

  #rowOf(trace: number): Row {
    const { model, changed, pointAt } = this.host;
    const { key = "", label = "", detail = "" } = model.traces[trace] ?? {};
    const item = element("li");
    item.dataset["run"] = label;
    item.classList.toggle("pale", !model.isProminent(trace));
    const check = element("input");
    check.type = "checkbox";
    check.checked = !model.isHidden(trace);
    check.setAttribute("aria-label", fill(model.texts?.showRun ?? "{0}", label));
    Object.assign(check.dataset, { trace: String(trace), part: "check" });
    check.addEventListener("change", () => {
      model.toggle("hidden", key);
      changed();
    });
    const name = element("button", "name");
    name.type = "button";
    name.title = `${label}\n${detail}\n${model.texts?.legendHelp ?? ""}`;
    name.setAttribute("aria-pressed", String(model.focused.has(key)));
    name.append(this.#swatch(trace), label, " ", element("span", "detail", detail));
    Object.assign(name.dataset, { trace: String(trace), part: "name" });
    name.addEventListener("click", ({ altKey }) => {
      if (altKey) model.solo(trace);
      else model.toggle("focused", key);
      changed();
    });
    name.addEventListener("focus", () => pointAt(trace));
    item.addEventListener("pointerenter", () => pointAt(trace));
    const value = element("span", "value");
    item.append(check, name, value);
    return { trace, item, value };
  }

  /** Returns a sample of a trace's colour and dashes. */
  #swatch(trace: number): HTMLElement {
    const { model } = this.host;
    const style = model.isProminent(trace) ? model.styleOf(trace) : undefined;
    const dash = style?.dash ?? [];
    const made = element("span", "swatch");
    if (style) made.style.borderTopColor = style.color;
    made.style.borderTopStyle = dash.length === 0 ? "solid" : (dash[0] ?? 0) > 3 ? "dashed" : "dotted";
    return made;
  }

  #onKey(event: KeyboardEvent): void {
    const { model, changed } = this.host;
    const { trace: text, part } = event.target instanceof HTMLElement ? event.target.dataset : {};
    if (text === undefined || event.ctrlKey || event.metaKey) return;
    const trace = Number(text);
    const at = this.#rows.findIndex((row) => row.trace === trace);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (next !== undefined)
      this.#rows[next]?.item.querySelector<HTMLElement>(`[data-part="${part ?? "name"}"]`)?.focus();
    else if (event.key.toLowerCase() === "s") model.solo(trace);
    else if (event.key.toLowerCase() === "h") model.toggle("hidden", model.traces[trace]?.key ?? "");
    else return;
    event.preventDefault();
    if (next === undefined) changed();
  }
}
