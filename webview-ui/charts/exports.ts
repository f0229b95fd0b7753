import type { Chart } from "../../src/charts/chart.js";
import type { FromChartPage } from "../../src/vscode/charts/chartMessages.js";
import type { ChartAction } from "../../src/vscode/charts/toChartPage.js";
import type { MenuItem } from "./chartMenu.js";
import { fill } from "../fill.js";
import type { ChartsModel } from "./chartsModel.js";
import { mostInPicture, pictureOf } from "./plot/picture.js";

/** Callbacks of exports to the page. */
export interface ExportHost {
  readonly model: ChartsModel;
  readonly send: (message: FromChartPage) => void;
  /** Metrics that match the search. */
  readonly shown: () => readonly string[];
  /** Returns the charts with their lines, also those out of view. */
  readonly chartsOf: (metrics: readonly string[]) => Promise<readonly Chart[]>;
  /** Shows a notice above the charts and announces it to screen readers; "" clears it. */
  readonly tell: (text: string) => void;
  readonly kept: () => void;
}

/** Base64 characters per message: a multiple of four, so that each part is whole bytes. */
const partSize = 4 * 128 * 1024;
/** Milliseconds for the page to get the focus back from the Command Palette. */
const focusReturns = 3_000;

/** Returns the menu items for all charts, or for one. */
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

/** @param metric undefined: all that match the search. */
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

/** Returns the requested image, and a remark if it does not contain all charts. */
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

/** Passes the clipboard a promise at once, since a page may write to it only during a user gesture. */
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

/** Waits for the focus, which a page needs to write to the clipboard. */
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
