import uPlot from "uplot";
import type { ChartLine } from "../../../src/charts/chart.js";
import { axisRange, timeRange } from "../../../src/charts/drawable.js";
import type { Palette } from "./chartColors.js";
import type { ChartsModel } from "../chartsModel.js";
import { xExtent, yExtent } from "./lineMath.js";

/** The arguments for the options of a plot. */
export interface PlotParts {
  readonly metric: string;
  readonly model: ChartsModel;
  readonly palette: Palette;
  readonly lines: () => readonly ChartLine[];
  readonly size: { readonly width: number; readonly height: number };
  /** Scale of all sizes, for images with a higher resolution. */
  readonly scale: number;
  readonly hooks: uPlot.Hooks.Arrays;
}

export function optionsOf({ metric, model, palette, lines, size, scale, hooks }: PlotParts): uPlot.Options {
  const { fontFamily } = getComputedStyle(document.body);
  const font = `${11 * scale}px ${fontFamily}`;
  const { isLog, x } = model.controls;
  const line = { stroke: palette.grid, width: scale };
  const ticks = { ...line, size: 6 * scale };
  const axis = { stroke: palette.foreground, grid: line, ticks, font, labelFont: font, gap: 4 * scale };
  return {
    width: size.width * scale,
    height: size.height * scale,
    padding: [12 * scale, 24 * scale, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "metrics" },
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
    },
    scales: {
      x: { time: x === "wall-time", range: () => [...xRange(model, lines())] },
      y: { distr: isLog ? 3 : 1, range: () => [...yRange(metric, model, lines())] },
    },
    axes: [
      // Leave room for a second line with the date.
      {
        ...axis,
        label: model.xTitle,
        labelSize: 18 * scale,
        size: (x === "wall-time" ? 50 : 34) * scale,
        space: 60 * scale,
      },
      { ...axis, size: 56 * scale, space: 30 * scale },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks,
  };
}

/** Returns data for uPlot that spans the ranges; we draw the lines ourselves. */
export function cornersOf({
  metric,
  model,
  lines,
}: Pick<PlotParts, "metric" | "model" | "lines">): uPlot.AlignedData {
  return [[...xRange(model, lines())], [...yRange(metric, model, lines())]];
}

function xRange(model: ChartsModel, lines: readonly ChartLine[]): readonly [number, number] {
  const range = model.range ?? xExtent(lines) ?? [0, 1];
  return model.controls.x === "wall-time" ? timeRange(range) : axisRange(range);
}

function yRange(metric: string, model: ChartsModel, lines: readonly ChartLine[]): readonly [number, number] {
  const { isLog } = model.controls;
  const [low, high] = model.yRanges.get(metric) ?? [null, null];
  const [least, greatest] = yExtent(lines, xRange(model, lines), isLog) ?? (isLog ? [1, 10] : [0, 1]);
  const [min, max] = isLog
    ? uPlot.rangeLog(least, greatest, 10, false)
    : uPlot.rangeNum(least, greatest, 0.1, true);
  const from = low !== null && (!isLog || low > 0) ? low : (min ?? least);
  const to = high !== null && (!isLog || high > 0) ? high : (max ?? greatest);
  return from < to ? (isLog ? [from, to] : axisRange([from, to])) : [from, from + (Math.abs(from) || 1)];
}
