import type { Chart } from "../../src/charts/chart.js";
import type { FromChartPage } from "../../src/vscode/charts/chartMessages.js";
import type { ChartAction } from "../../src/vscode/charts/toChartPage.js";
import type { MenuItem } from "./chartMenu.js";
import { type ChartsModel, fill } from "./chartsModel.js";
import { mostInPicture, pictureOf } from "./plot/picture.js";

/** What exporting asks of the page around it. */
export interface ExportHost {
  readonly model: ChartsModel;
  readonly send: (message: FromChartPage) => void;
  /** Metrics that the search leaves. */
  readonly shown: () => readonly string[];
  /** The charts with their lines, those out of view too. */
  readonly chartsOf: (metrics: readonly string[]) => Promise<readonly Chart[]>;
  /** Says something above the charts until something else is to be said, and reads it aloud; "": nothing any more. */
  readonly tell: (text: string) => void;
  readonly kept: () => void;
}

/** Base64 of so many characters is in one message: whole groups of three bytes. */
const partSize = 4 * 128 * 1024;
/** Milliseconds in which a page gets back the focus that the command palette took. */
const focusReturns = 3_000;

/** What can be done with all charts, or with one. */
export function exportItems(host: ExportHost, metric?: string): readonly MenuItem[] {
  const { model, kept } = host;
  const { texts } = model;
  if (!texts) return [];
  const { onWhite } = model.controls;
  const item = (label: string, action: ChartAction): MenuItem => ({
    label,
    choose: () => exportCharts(host, action, metric),
  });
  return [
    item(texts.copyPng, "copy-png"),
    item(texts.savePng, "save-png"),
    {
      label: texts.onWhite,
      isChecked: onWhite,
      choose: () => {
        model.controls.onWhite = !onWhite;
        kept();
      },
    },
    item(texts.copyCsv, "copy-csv"),
    item(texts.saveCsv, "save-csv"),
  ];
}

/** @param metric undefined: all that the search leaves. */
export function exportCharts(host: ExportHost, action: ChartAction, metric?: string): void {
  const { model, send } = host;
  switch (action) {
    case "save-csv":
    case "copy-csv": {
      const isOfRuns = model.groups.length === 0;
      const hidden = isOfRuns ? model.traces.flatMap((_, run) => (model.isHidden(run) ? [run] : [])) : [];
      const to = action === "save-csv" ? "file" : "clipboard";
      send({
        kind: "csv",
        ...(metric !== undefined && { metric }),
        search: model.controls.filter,
        hidden,
        to,
      });
      return;
    }
    case "save-png":
      void savePicture(host, metric).catch((error: unknown) => host.tell(String(error)));
      return;
    case "copy-png":
      void copyPicture(host, metric);
      return;
    case "reset-zoom":
  }
}

/** The picture that is asked for, and what is to be said of it: nothing where it holds all. */
function picture(
  { model, shown, chartsOf }: ExportHost,
  metric: string | undefined,
): { readonly make: () => Promise<Blob>; readonly remark: string } {
  const wanted = metric === undefined ? shown() : [metric];
  const isTooMuch = wanted.length > mostInPicture;
  return {
    make: async () => pictureOf(await chartsOf(wanted.slice(0, mostInPicture)), model),
    remark: isTooMuch ? fill(model.texts?.tooManyCharts ?? "", mostInPicture, wanted.length) : "",
  };
}

async function savePicture(host: ExportHost, metric: string | undefined): Promise<void> {
  const { make, remark } = picture(host, metric);
  host.tell(remark);
  await save(host, await make(), metric ?? "charts");
}

/** The clipboard is asked for at once: a moment later it would not be the person who does it. */
async function copyPicture(host: ExportHost, metric: string | undefined): Promise<void> {
  const { texts } = host.model;
  const { make, remark } = picture(host, metric);
  host.tell("");
  try {
    if (!document.hasFocus()) await focus();
    await navigator.clipboard.write([new ClipboardItem({ "image/png": make() })]);
    host.tell([texts?.copied, remark].filter(Boolean).join(" "));
  } catch {
    host.tell(texts?.notCopied ?? "");
  }
}

/** The clipboard takes nothing from a page without the focus. */
function focus(): Promise<void> {
  return new Promise((resolve) => {
    window.addEventListener("focus", () => resolve(), { once: true });
    setTimeout(resolve, focusReturns);
  });
}

async function save({ send }: ExportHost, blob: Blob, name: string): Promise<void> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === "string" ? reader.result : "");
    reader.onerror = () => reject(new Error("not readable"));
    reader.readAsDataURL(blob);
  });
  const data = url.slice(url.indexOf(",") + 1);
  for (let from = 0; from < data.length; from += partSize) {
    const isLast = from + partSize >= data.length;
    send({ kind: "picture", name, data: data.slice(from, from + partSize), isFirst: from === 0, isLast });
  }
}
