import type uPlot from "uplot";
import type { ChartLine, Points } from "../../../src/charts/chart.js";
import type { Palette } from "./chartColors.js";
import type { ChartsModel } from "../chartsModel.js";

/** The arguments for drawing lines into a plot. */
export interface Painting {
  readonly lines: readonly ChartLine[];
  readonly model: ChartsModel;
  readonly palette: Palette;
  /** Canvas pixels per CSS pixel. */
  readonly ratio: number;
  readonly isLog: boolean;
}

/** Opacity of uncoloured lines, lower with more lines, so that together they stay pale. */
const paleAlpha = { most: 0.3, least: 0.05, lines: 15 };
/** Opacity of raw values and bands behind a line. */
const rawAlpha = 0.3;
const bandAlpha = 0.18;

export function paint(plot: uPlot, painting: Painting): void {
  const { lines, model } = painting;
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.lineJoin = "round";
  // Draw the most important ones last, on top.
  const rank = ({ run }: ChartLine): number =>
    model.highlighted.has(run) ? 2 : model.isProminent(run) ? 1 : 0;
  const ordered = [...lines].sort((one, other) => rank(one) - rank(other));
  for (const line of ordered) paintBand(plot, line, painting);
  const pale = lines.filter(({ run }) => !model.isProminent(run)).length;
  const { most, least, lines: few } = paleAlpha;
  const alpha = Math.max(least, most * Math.min(1, few / Math.max(1, pale)));
  for (const line of ordered) paintLine(plot, line, painting, alpha);
  for (const line of ordered) paintMarks(plot, line, painting);
  ctx.restore();
}

function paintBand(plot: uPlot, { xs, band, run }: ChartLine, { model, palette, isLog }: Painting): void {
  if (!band) return;
  const { ctx } = plot;
  ctx.fillStyle = model.styleOf(run, palette)?.color ?? palette.foreground;
  ctx.globalAlpha = bandAlpha;
  let from = 0;
  while (from < xs.length) {
    if (band.low[from] === null) {
      from += 1;
      continue;
    }
    let to = from;
    while (to < xs.length && band.low[to] !== null) to += 1;
    const least = isLog ? (plot.scales["y"]?.min ?? 0) : -Infinity;
    const at = (values: readonly (number | null)[], index: number): readonly [number, number] => [
      plot.valToPos(xs[index] ?? 0, "x", true),
      plot.valToPos(Math.max(least, values[index] ?? 0), "y", true),
    ];
    ctx.beginPath();
    for (let index = from; index < to; index += 1) ctx.lineTo(...at(band.high, index));
    for (let index = to - 1; index >= from; index -= 1) ctx.lineTo(...at(band.low, index));
    ctx.fill();
    from = to;
  }
  ctx.globalAlpha = 1;
}

function paintLine(
  plot: uPlot,
  line: ChartLine,
  { model, palette, ratio, isLog }: Painting,
  pale: number,
): void {
  const { ctx } = plot;
  const style = model.styleOf(line.run, palette);
  const isHighlighted = model.highlighted.has(line.run);
  const isBehind = model.highlighted.size > 0 && !isHighlighted;
  ctx.strokeStyle = style?.color ?? palette.foreground;
  const alpha = (style ? 1 : pale) * (isBehind ? 0.5 : 1);
  const dash = (style?.dash ?? []).map((length) => length * ratio);
  if (line.raw) {
    ctx.lineWidth = ratio;
    ctx.globalAlpha = alpha * rawAlpha;
    ctx.setLineDash([]);
    stroke(plot, line.raw, isLog, ratio);
  }
  for (const stretch of line.replaced ?? []) {
    ctx.lineWidth = ratio;
    ctx.globalAlpha = alpha * 0.6;
    ctx.setLineDash([2 * ratio, 2 * ratio]);
    stroke(plot, stretch, isLog, ratio);
  }
  ctx.globalAlpha = alpha;
  ctx.lineWidth = (isHighlighted ? 3 : style ? 1.5 : 1) * ratio;
  ctx.setLineDash(dash);
  stroke(plot, line, isLog, ratio);
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/** Draws a line with gaps for missing values; a single point between gaps becomes a dot. */
function stroke(plot: uPlot, { xs, ys }: Points, isLog: boolean, ratio: number): void {
  const { ctx } = plot;
  ctx.beginPath();
  let isOpen = false;
  for (let index = 0; index < xs.length; index += 1) {
    const y = ys[index] ?? null;
    if (y === null || Math.abs(y) > 1e300 || (isLog && y <= 0)) {
      isOpen = false;
      continue;
    }
    const [left, top] = [plot.valToPos(xs[index] ?? 0, "x", true), plot.valToPos(y, "y", true)];
    if (isOpen) ctx.lineTo(left, top);
    else {
      ctx.moveTo(left, top);
      const isAlone = (ys[index + 1] ?? null) === null;
      if (isAlone) ctx.rect(left - ratio, top - ratio, 2 * ratio, 2 * ratio);
    }
    isOpen = true;
  }
  ctx.stroke();
}

/** Draws a cross at the lower edge for each NaN or infinite value. */
function paintMarks(plot: uPlot, { run, marks }: ChartLine, { model, palette, ratio }: Painting): void {
  const { ctx, bbox } = plot;
  const size = 4 * ratio;
  const middle = bbox.top + bbox.height - 2 * size;
  ctx.strokeStyle = model.styleOf(run, palette)?.color ?? palette.foreground;
  ctx.lineWidth = 2 * ratio;
  ctx.beginPath();
  for (const { x } of marks) {
    const left = plot.valToPos(x, "x", true);
    ctx.moveTo(left - size, middle - size);
    ctx.lineTo(left + size, middle + size);
    ctx.moveTo(left - size, middle + size);
    ctx.lineTo(left + size, middle - size);
  }
  ctx.stroke();
}
