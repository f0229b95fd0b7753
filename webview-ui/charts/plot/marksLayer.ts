import type uPlot from "uplot";
import type { ChartLine, ChartMark } from "../../../src/charts/chart.js";
import { element } from "../../element.js";
import { fill } from "../../fill.js";
import { type ChartsModel, shortNumber } from "../chartsModel.js";

/** Maximum number of marks with a tooltip in one chart. */
const mostMarks = 100;
const mostInText = 3;

/** Display text of logged values. */
const words: Readonly<Record<ChartMark["kind"], string>> = { NaN: "NaN", Infinity: "+∞", "-Infinity": "−∞" };

/** Adds a tooltip to each mark, with what was logged there by which run. */
export function marksLayer(
  plot: uPlot,
  lines: readonly ChartLine[],
  metric: string,
  model: ChartsModel,
): void {
  plot.over.querySelectorAll(".mark").forEach((mark) => mark.remove());
  const all = lines.flatMap(({ run, marks }) => marks.map((mark) => ({ run, mark })));
  for (const { run, mark } of all.slice(0, mostMarks)) {
    const left = plot.valToPos(mark.x, "x");
    if (!(left >= 0 && left <= plot.over.clientWidth)) continue;
    const made = element("span", "mark");
    made.title = `${model.traces[run]?.label ?? ""}: ${textOf(mark, model)}`;
    Object.assign(made.dataset, { metric, run: String(run), step: String(mark.step), kind: mark.kind });
    made.style.left = `${left}px`;
    plot.over.append(made);
  }
}

/** Summarizes the marks for the text below the chart; empty if all values are finite. */
export function marksText(lines: readonly ChartLine[], model: ChartsModel): string {
  const marked = lines.filter(({ notFinite }) => notFinite > 0);
  const told = marked.slice(0, mostInText).map(({ run, marks, notFinite }) => {
    const [first] = marks;
    const more = notFinite - (first ? 1 : 0);
    const texts = [
      first ? textOf(first, model) : "",
      more > 0 ? fill(model.texts?.moreMarks ?? "{0}", more) : "",
    ];
    return `${model.traces[run]?.label ?? ""}: ${texts.filter(Boolean).join(", ")}`;
  });
  const left = marked.length - told.length;
  const rest = left > 0 ? [fill(model.texts?.moreMarks ?? "{0}", left)] : [];
  return [...told, ...rest].join("; ");
}

function textOf({ kind, step }: ChartMark, model: ChartsModel): string {
  return fill(model.texts?.markAt ?? "{0} {1}", words[kind], shortNumber(step));
}
