import type { XAxis } from "../../src/charts/chart.js";
import { element } from "../element.js";
import { type MenuItem, menuButton } from "./chartMenu.js";
import type { ChartsModel } from "./chartsModel.js";

/** The effect of a change. `data`: request lines again; `scale`: redraw; `filter`: other charts; `kept`: save only. */
export type ControlChange = "data" | "scale" | "filter" | "kept";

/** Callbacks of the toolbar to its page. */
export interface ToolbarHost {
  readonly model: ChartsModel;
  readonly changed: (what: ControlChange) => void;
  /** The x axis was changed, which resets the zoom. */
  readonly axisChanged: () => void;
  readonly resetZoom: () => void;
  /** Menu items for all charts. */
  readonly exports: () => readonly MenuItem[];
}

/** The controls of all charts. */
export interface Toolbar {
  readonly element: HTMLElement;
  /** Call when zoom, metrics or runs have changed. */
  update(): void;
}

/** Maximum number of suggestions. */
const mostOffered = 200;

export function createToolbar(host: ToolbarHost): Toolbar {
  const { model } = host;
  const { texts } = model;
  const bar = element("div", "toolbar");
  if (!texts) return { element: bar, update: () => undefined };
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", texts.title);
  const axis = axisControls(host);
  const groups = groupControls(host);
  const reset = element("button", "plain", texts.resetZoom);
  reset.type = "button";
  reset.addEventListener("click", () => host.resetZoom());
  bar.append(
    ...axis.parts,
    smoothingControl(host),
    checkbox(texts.logScale, texts.logScale, model.controls.isLog, (isLog) => {
      model.controls.isLog = isLog;
      host.changed("scale");
    }),
    checkbox(texts.replaced, texts.replacedHelp, model.controls.replaced, (replaced) => {
      model.controls.replaced = replaced;
      host.changed("data");
    }),
    ...groups.parts,
    filterControl(host),
    reset,
    menuButton(texts.exportAll, texts.exportAll, () => host.exports()),
  );
  const update = (): void => {
    reset.hidden = model.range === undefined && model.yRanges.size === 0;
    axis.update();
    groups.update();
  };
  update();
  return { element: bar, update };
}

function labelled(text: string, ...controls: HTMLElement[]): HTMLElement {
  const label = element("label", "", text);
  label.append(...controls);
  return label;
}

function selectOf(
  options: readonly (readonly [value: string, text: string])[],
  value: string,
): HTMLSelectElement {
  const select = element("select");
  fillSelect(select, options, value);
  return select;
}

function fillSelect(
  select: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
  value: string,
): void {
  select.replaceChildren(
    ...options.map(([one, text]) => {
      const option = element("option", "", text);
      option.value = one;
      return option;
    }),
  );
  select.value = value;
}

function axisControls(host: ToolbarHost): { readonly parts: readonly HTMLElement[]; update(): void } {
  const { model, axisChanged } = host;
  const { controls, texts } = model;
  if (!texts) return { parts: [], update: () => undefined };
  const axes: readonly (readonly [XAxis, string])[] = [
    ["step", texts.step],
    ["relative-step", texts.relativeStep],
    ["time", texts.time],
    ["wall-time", texts.wallTime],
    ["metric", texts.otherMetric],
  ];
  const select = selectOf(axes, controls.x);
  const other = element("input");
  other.type = "text";
  other.value = controls.xMetric;
  other.setAttribute("aria-label", texts.metricOnAxis);
  other.placeholder = texts.metricOnAxis;
  const offered = element("datalist");
  offered.id = "metrics-for-axis";
  other.setAttribute("list", offered.id);
  const update = (): void => {
    other.hidden = controls.x !== "metric";
    if (other.hidden || offered.childElementCount === Math.min(mostOffered, model.names.length)) return;
    offered.replaceChildren(
      ...model.names.slice(0, mostOffered).map(({ metric }) => {
        const option = element("option");
        option.value = metric;
        return option;
      }),
    );
  };
  select.addEventListener("change", () => {
    controls.x = axes.find(([value]) => value === select.value)?.[0] ?? "step";
    update();
    axisChanged();
    if (!other.hidden) other.focus();
  });
  other.addEventListener("change", () => {
    controls.xMetric = other.value;
    axisChanged();
  });
  return { parts: [labelled(texts.xAxis, select), other, offered], update };
}

function smoothingControl({ model, changed }: ToolbarHost): HTMLElement {
  const { controls, texts } = model;
  const input = element("input");
  Object.assign(input, { type: "range", min: "0", max: "0.99", step: "0.01" });
  input.value = String(controls.smoothing);
  const shown = element("output", "smoothing", controls.smoothing.toFixed(2));
  input.addEventListener("input", () => {
    controls.smoothing = Number(input.value);
    shown.textContent = controls.smoothing.toFixed(2);
    changed("data");
  });
  return labelled(texts?.smoothing ?? "", input, shown);
}

function groupControls({ model, changed }: ToolbarHost): {
  readonly parts: readonly HTMLElement[];
  update(): void;
} {
  const { controls, texts } = model;
  if (!texts) return { parts: [], update: () => undefined };
  const select = element("select");
  const band = selectOf(
    [
      ["range", texts.bandRange],
      ["deviation", texts.bandDeviation],
    ],
    controls.band,
  );
  const bandLabel = labelled(texts.band, band);
  const groupLabel = labelled(texts.groupBy, select);
  const update = (): void => {
    bandLabel.hidden = controls.grouping === "";
    groupLabel.hidden = model.runs.length < 2;
    if (select.childElementCount === model.groupings.length + 1 && select.value === controls.grouping) return;
    const options = model.groupings.map(({ id, label }) => [id, label] as const);
    fillSelect(select, [["", texts.noGroups], ...options], controls.grouping);
  };
  select.addEventListener("change", () => {
    controls.grouping = select.value;
    update();
    changed("data");
  });
  band.addEventListener("change", () => {
    controls.band = band.value === "deviation" ? "deviation" : "range";
    changed("data");
  });
  return { parts: [groupLabel, bandLabel], update };
}

function checkbox(text: string, help: string, isOn: boolean, changed: (isOn: boolean) => void): HTMLElement {
  const input = element("input");
  input.type = "checkbox";
  input.checked = isOn;
  input.addEventListener("change", () => changed(input.checked));
  const label = labelled(text, input);
  label.title = help;
  return label;
}

function filterControl({ model, changed }: ToolbarHost): HTMLElement {
  const filter = element("input");
  const text = model.texts?.filter ?? "";
  filter.type = "search";
  filter.placeholder = text;
  filter.setAttribute("aria-label", text);
  filter.value = model.controls.filter;
  filter.addEventListener("input", () => {
    model.controls.filter = filter.value;
    changed("filter");
  });
  return filter;
}
