import uPlot from "uplot";
import type { Chart } from "../../../src/charts/chart.js";
import { displayText } from "../../../src/common/text/displayText.js";
import { type Palette, whitePalette } from "./chartColors.js";
import { fill } from "../../fill.js";
import type { ChartsModel } from "../chartsModel.js";
import { shownLines } from "./lineMath.js";
import { paint } from "./paint.js";
import { cornersOf, optionsOf } from "./plotOptions.js";

/** Maximum number of charts in one image, limited by the height of a canvas. */
export const mostInPicture = 30;

/** Image pixels per CSS pixel. */
const ratio = 2;
const plotSize = { width: 640, height: 320 };
const margin = 16;
const titleHeight = 28;
const rowHeight = 18;
/** Maximum number of names in the image's legend. */
const mostNames = 20;

/** Renders charts with titles, axes and a legend as PNG. */
export async function pictureOf(charts: readonly Chart[], model: ChartsModel): Promise<Blob> {
  const palette = model.controls.onWhite ? whitePalette() : model.palette;
  const columns = charts.length > 1 ? 2 : 1;
  const names = legendOf(charts, model);
  const cell = { width: plotSize.width + margin, height: plotSize.height + titleHeight + margin };
  const rows = Math.ceil(charts.length / columns);
  const canvas = document.createElement("canvas");
  canvas.width = (columns * cell.width + margin) * ratio;
  canvas.height = (rows * cell.height + margin * 2 + names.length * rowHeight) * ratio;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = palette.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const [index, chart] of charts.entries()) {
    const left = margin + (index % columns) * cell.width;
    const top = margin + Math.floor(index / columns) * cell.height;
    write(context, palette, displayText(chart.metric), left, top + 16, "600 14px");
    const plot = await plotOf(chart, model, palette);
    context.drawImage(plot.ctx.canvas, left * ratio, (top + titleHeight) * ratio);
    plot.destroy();
  }
  names.forEach(({ trace, label }, index) => {
    const top = margin * 2 + rows * cell.height + index * rowHeight;
    const style = trace === undefined ? undefined : model.styleOf(trace, palette);
    if (trace !== undefined)
      swatch(context, style?.color ?? palette.foreground, style?.dash ?? [], margin, top - 4);
    write(context, palette, label, margin + 32, top, "12px");
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("too large"))), "image/png"),
  );
}

/** Returns the names of coloured lines, and how many others there are. */
function legendOf(
  charts: readonly Chart[],
  model: ChartsModel,
): readonly { readonly trace: number | undefined; readonly label: string }[] {
  const drawn = new Set(charts.flatMap(({ lines }) => lines.map(({ run }) => run)));
  const shown = [...drawn].filter((trace) => !model.isHidden(trace));
  const colored = model.prominent.filter((trace) => shown.includes(trace)).slice(0, mostNames);
  const named = colored.map((trace) => ({ trace, label: model.traces[trace]?.label ?? "" }));
  const rest = shown.length - named.length;
  if (rest === 0) return named;
  return [...named, { trace: undefined, label: fill(model.texts?.moreMarks ?? "{0}", rest) }];
}

function plotOf(chart: Chart, model: ChartsModel, palette: Palette): Promise<uPlot> {
  const { lines } = shownLines(chart, model);
  const scale = ratio / window.devicePixelRatio;
  return new Promise((resolve) => {
    const draw = (plot: uPlot): void => {
      paint(plot, { lines, model, palette, ratio, isLog: model.controls.isLog });
      resolve(plot);
    };
    const parts = { metric: chart.metric, model, palette, lines: () => lines, size: plotSize, scale };
    new uPlot(
      { ...optionsOf({ ...parts, hooks: { draw: [draw] } }), cursor: { show: false } },
      cornersOf(parts),
      document.createElement("div"),
    );
  });
}

function write(
  context: CanvasRenderingContext2D,
  palette: Palette,
  text: string,
  left: number,
  top: number,
  font: string,
): void {
  const { fontFamily } = getComputedStyle(document.body);
  context.save();
  context.scale(ratio, ratio);
  context.font = `${font} ${fontFamily}`;
  context.fillStyle = palette.foreground;
  context.fillText(text, left, top, plotSize.width);
  context.restore();
}

function swatch(
  context: CanvasRenderingContext2D,
  color: string,
  dash: readonly number[],
  left: number,
  top: number,
): void {
  context.save();
  context.scale(ratio, ratio);
  context.strokeStyle = color;
  context.lineWidth = 3;
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(left + 24, top);
  context.stroke();
  context.restore();
}
