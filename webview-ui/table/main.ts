import type { FromRunTablePage } from "../../src/vscode/runTable/fromRunTablePage.js";
import { readToRunTablePage } from "../../src/vscode/runTable/toRunTablePage.js";
import { onMessage } from "../messages.js";
import "./table.css";
import { mountTable } from "./tableView.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromRunTablePage): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const vscode = acquireVsCodeApi();
const view = mountTable(document.getElementById("page") ?? document.body, {
  send: (message) => vscode.postMessage(message),
  kept: vscode.getState(),
  keep: (state) => vscode.setState(state),
});
onMessage(readToRunTablePage, (message) => view.hear(message));
vscode.postMessage({ kind: "ready" });
