import {
  type Cell,
  type HostCard,
  type Line,
  readToGlancePage,
  type Table,
  type ToGlancePage,
} from "../src/vscode/glance/toGlancePage.js";
import type { FromGlancePage } from "../src/vscode/glance/fromGlancePage.js";
import { element } from "./element.js";
import "./glance.css";
import { onMessage } from "./messages.js";
import { morph } from "./morph.js";

declare function acquireVsCodeApi(): { postMessage(message: FromGlancePage): void };

const vscode = acquireVsCodeApi();
const page = document.getElementById("page") ?? document.body;

const svgNamespace = "http://www.w3.org/2000/svg";
/** The viewBox of a sparkline. */
const [width, height] = [120, 24];

function sparkline({ text, points }: Line): SVGElement {
  const svg = document.createElementNS(svgNamespace, "svg");
  const line = document.createElementNS(svgNamespace, "polyline");
  const drawn = points.map(
    ([x, y]) => `${(x * width).toFixed(1)},${(height - 1 - y * (height - 2)).toFixed(1)}`,
  );
  for (const [name, value] of [
    ["class", "sparkline"],
    ["viewBox", `0 0 ${width} ${height}`],
    ["role", "img"],
    ["aria-label", text],
  ] as const)
    svg.setAttribute(name, value);
  line.setAttribute("points", drawn.join(" "));
  svg.append(line);
  return svg;
}

function cellOf({ text, line, buttons = [] }: Cell, isFirst: boolean): HTMLElement {
  const cell = element(isFirst ? "th" : "td", "", line ? "" : text);
  if (isFirst) cell.setAttribute("scope", "row");
  // Align sparklines, so that they can be compared.
  if (line) cell.append(element("span", "figure", text), " ", sparkline(line));
  for (const { label, name, action, syncId, folder } of buttons) {
    const button = element("button", "", label);
    button.setAttribute("aria-label", name);
    Object.assign(button.dataset, { action, syncId, folder });
    cell.append(button, " ");
  }
  return cell;
}

/** Creates a table in a scrollable region, which can be scrolled by keyboard. */
function tableOf({ caption, headings, rows }: Table, host: string): HTMLElement {
  const table = element("table");
  const head = element("tr");
  for (const heading of headings) {
    const cell = element("th", "", heading);
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const lines = rows.map((cells) => {
    const row = element("tr");
    row.append(...cells.map((cell, index) => cellOf(cell, index === 0)));
    return row;
  });
  const [top, body] = [element("thead"), element("tbody")];
  top.append(head);
  body.append(...lines);
  table.append(element("caption", "", caption), top, body);
  const region = element("div", "table");
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", `${host}: ${caption}`);
  region.append(table);
  return region;
}

function cardOf({ id, name, detail, facts, tables, notes }: HostCard): HTMLElement {
  const card = element("section", "host");
  card.dataset["host"] = id;
  const heading = element("h2", "", name);
  card.setAttribute("aria-label", name);
  const list = element("dl");
  for (const { label, value, line } of facts) {
    const fact = element("div");
    const told = element("dd", "", value);
    if (line) told.append(" ", sparkline(line));
    fact.append(element("dt", "", label), told);
    list.append(fact);
  }
  card.append(heading, element("p", "detail", detail));
  if (facts.length > 0) card.append(list);
  card.append(
    ...tables.map((table) => tableOf(table, name)),
    ...notes.map((note) => element("p", "note", note)),
  );
  return card;
}

function show({ page: { title, empty, hosts } }: ToGlancePage): void {
  document.title = title;
  const wanted = element("main");
  wanted.append(element("h1", "", title));
  if (hosts.length === 0) wanted.append(element("p", "detail", empty));
  wanted.append(...hosts.map(cardOf));
  // Keep elements that have the focus or are being read by a screen reader.
  morph(page, wanted);
}

page.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("button") : null;
  const { action, syncId, folder } = button?.dataset ?? {};
  if ((action === "charts" || action === "viewer") && syncId !== undefined && folder !== undefined)
    vscode.postMessage({ kind: "pressed", action, syncId, folder });
});
onMessage(readToGlancePage, show);
vscode.postMessage({ kind: "ready" });
