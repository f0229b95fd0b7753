import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import type { RunTable } from "../../../src/runs/runTable.js";
import { createValueText } from "../../../src/runs/view/valueText.js";
import { hear } from "../../../src/vscode/runTable/hearPage.js";
import { readFromRunTablePage, runActions } from "../../../src/vscode/runTable/fromRunTablePage.js";
import { runTableTexts } from "../../../src/vscode/runTable/runTableTexts.js";
import { createTableModel, type TableModel } from "../../../src/vscode/runTable/tableModel.js";
import { firstState, type ShownColumn } from "../../../src/vscode/runTable/tableState.js";
import type { ToRunTablePage } from "../../../src/vscode/runTable/toRunTablePage.js";

/** The page of the table as a window has it, with what drives it in this program. */
export interface TablePage {
  readonly model: TableModel;
  /** Bytes of the largest message to the page. */
  readonly largest: number;
  /** Milliseconds of processor time that this program worked for the page. */
  readonly worked: number;
  setTable(table: RunTable): void;
}

/** Colours of VS Code's dark theme that the page uses most. */
const colours = `:root { --vscode-editor-background: #1f1f1f; --vscode-foreground: #cccccc; --vscode-descriptionForeground: #9d9d9d;
  --vscode-panel-border: #2b2b2b; --vscode-focusBorder: #0078d4; --vscode-input-background: #313131; --vscode-input-foreground: #cccccc;
  --vscode-list-hoverBackground: #2a2d2e; --vscode-list-inactiveSelectionBackground: #37373d; --vscode-font-size: 13px;
  --vscode-font-family: sans-serif; --vscode-editor-font-family: monospace; --vscode-list-activeSelectionBackground: #04395e;
  --vscode-errorForeground: #f85149; --vscode-editorWidget-background: #202020; --vscode-charts-blue: #3794ff;
  --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c; --vscode-testing-iconQueued: #cca700; }
  body { background: #1f1f1f; }`;

/** Milliseconds of processor time. */
function usedSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Opens `dist/table.js` in an empty page. */
export async function openTablePage(
  page: Page,
  { columns }: { readonly columns?: readonly ShownColumn[] } = {},
): Promise<TablePage> {
  let [largest, worked, isReady] = [0, 0, false];
  const model = createTableModel({
    state: { ...firstState, columns },
    valueText: createValueText("en"),
    now: () => Date.now() / 1000,
    onState: () => undefined,
  });
  const post = (message: ToRunTablePage): void => {
    const text = JSON.stringify(message);
    largest = Math.max(largest, Buffer.byteLength(text));
    void page.evaluate(
      `dispatchEvent(new MessageEvent("message", { origin: window.origin, data: ${text} }))`,
    );
  };
  await page.exposeFunction("toExtension", (text: string) => {
    const before = process.cpuUsage();
    const message = readFromRunTablePage(JSON.parse(text));
    if (message?.kind === "ready") {
      post({ kind: "setup", texts: runTableTexts(), filter: "", actions: runActions });
      isReady = true;
      if (model.table.version >= 0) post(model.lines());
    } else if (message && message.kind !== "act" && message.kind !== "sync") hear({ post }, model, message);
    worked += usedSince(before);
  });
  const [script, style] = await Promise.all(
    ["js", "css"].map((kind) => readFile(`dist/table.${kind}`, "utf8")),
  );
  await page.setContent(
    `<!DOCTYPE html><html lang="en"><head><title>Runicorn</title><style>${colours}${style ?? ""}</style></head>` +
      `<body><main id="page"></main></body></html>`,
  );
  await page.evaluate(
    "globalThis.acquireVsCodeApi = () => ({ postMessage: (one) => void toExtension(JSON.stringify(one)), getState: () => undefined, setState: () => {} })",
  );
  await page.addScriptTag({ content: script ?? "" });
  return {
    model,
    get largest() {
      return largest;
    },
    get worked() {
      return worked;
    },
    setTable: (table) => {
      const before = process.cpuUsage();
      model.setTable(table, true);
      if (isReady) post(model.lines());
      worked += usedSince(before);
    },
  };
}
