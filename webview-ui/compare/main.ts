import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-progress-ring/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import { keyOfName } from "../../src/runs/runName.js";
import type { KeptRun } from "../../src/vscode/charts/chartMessages.js";
import type { CompareTexts } from "../../src/vscode/compare/compareTexts.js";
import type { FromComparePage } from "../../src/vscode/compare/fromComparePage.js";
import {
  type ComparisonView,
  readToComparePage,
  type ToComparePage,
} from "../../src/vscode/compare/toComparePage.js";
import { type ChartsView, mountCharts } from "../charts/chartsView.js";
import { element } from "../element.js";
import { onMessage } from "../messages.js";
import { button } from "../run/button.js";
import { fill } from "../fill.js";
import { type CodePart, createCodePart } from "./codePart.js";
import "./compare.css";
import { type KeptComparison, readKeptComparison } from "./pageState.js";
import { pointAt, type ShownValues, valueTable } from "./valueTable.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromComparePage): void;
  getState(): unknown;
  setState(state: KeptComparison & { readonly runs: readonly KeptRun[] }): void;
};

/** The parts of the page, created when the texts have arrived. */
interface Parts {
  readonly texts: CompareTexts;
  readonly loading: HTMLElement;
  readonly notice: HTMLElement;
  readonly noticeText: HTMLElement;
  readonly retry: HTMLElement;
  readonly content: HTMLElement;
  readonly baseline: HTMLSelectElement;
  readonly skipped: HTMLElement;
  readonly place: HTMLElement;
  readonly said: HTMLElement;
  readonly saidText: HTMLElement;
  readonly showAll: HTMLElement;
  readonly all: HTMLElement & { checked: boolean };
  readonly code: CodePart;
  readonly chartsPlace: HTMLElement;
}

const vscode = acquireVsCodeApi();
const page = document.getElementById("page") ?? document.body;
let state = readKeptComparison(vscode.getState());
/** The requested runs, which are requested again after a reload. */
let asked: readonly KeptRun[] = [];
/** The runs of the columns. */
let columns: readonly KeptRun[] = [];
let view: ComparisonView | undefined;
let parts: Parts | undefined;
let charts: ChartsView | undefined;
/** The runs whose source files are shown, which do not change with the runs' values. */
let shownCode = "";

function keep(changes: Partial<KeptComparison>): void {
  state = { ...state, ...changes };
  if (asked.length > 0) vscode.setState({ ...state, runs: asked });
}

function placeOf(run: KeptRun | undefined): number {
  return run ? columns.findIndex((one) => keyOfName(one) === keyOfName(run)) : -1;
}

function baseline(): number {
  return Math.max(0, placeOf(state.baseline));
}

function other(): number {
  const kept = placeOf(state.other);
  return kept >= 0 && kept !== baseline() ? kept : baseline() === 0 ? 1 : 0;
}

function setUp({ texts, kept }: Extract<ToComparePage, { kind: "setup" }>): void {
  asked = kept;
  keep({});
  document.title = texts.title;
  charts = undefined;
  shownCode = "";
  const loading = element("div", "loading");
  loading.append(element("vscode-progress-ring"), element("p", "", texts.loading));
  const notice = element("div", "notice");
  const noticeText = element("p");
  noticeText.setAttribute("role", "status");
  const retry = button(texts.tryAgain, () => vscode.postMessage({ kind: "retry" }));
  notice.append(noticeText, retry);
  notice.hidden = true;
  const choice = element("select");
  choice.addEventListener("change", () => chooseBaseline(Number(choice.value)));
  const labelled = element("label", "", texts.baseline);
  labelled.append(choice);
  const all = element("vscode-checkbox", "", texts.onlyDiffering) as Parts["all"];
  all.setAttribute("label", texts.onlyDiffering);
  all.textContent = "";
  all.checked = !state.showsAll;
  all.addEventListener("change", () => {
    keep({ showsAll: !all.checked });
    draw();
  });
  const search = element("vscode-textfield") as HTMLElement & { value: string; label: string };
  search.setAttribute("placeholder", texts.search);
  search.label = texts.search;
  search.value = state.search;
  search.addEventListener("input", () => {
    keep({ search: search.value });
    draw();
  });
  const bar = element("div", "toolbar");
  bar.append(labelled, all, search);
  const [place, chartsPlace, skipped] = [element("div", "scroll"), element("section"), element("div")];
  // Allow scrolling by keyboard.
  place.tabIndex = 0;
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", texts.table);
  const said = element("div", "empty");
  const saidText = element("p", "detail");
  saidText.setAttribute("role", "status");
  const showAll = button(texts.showAll, () => {
    keep({ showsAll: true, search: "" });
    all.checked = false;
    search.value = "";
    draw();
    // The button is gone: go on with what it has shown.
    place.focus();
  });
  said.append(saidText, showAll);
  const code = createCodePart({
    texts,
    onOther: (run) => {
      keep({ other: columns[run] });
      askForCode();
    },
    onFile: (path) => vscode.postMessage({ kind: "diff", baseline: baseline(), other: other(), path }),
  });
  const chartsHeading = element("h2", "", texts.charts);
  const content = element("div");
  content.hidden = true;
  content.append(skipped, bar, place, said, code.section, chartsHeading, chartsPlace);
  const title = element("h1", "", texts.title);
  page.replaceChildren(title, notice, loading, content);
  parts = {
    ...{ texts, loading, notice, noticeText, retry, content, skipped, place, said, saidText, showAll, all },
    ...{ code, chartsPlace },
    baseline: choice,
  };
}

function chooseBaseline(run: number): void {
  keep({ baseline: columns[run] });
  draw();
  askForCode();
}

function askForCode(): void {
  if (!parts || !view) return;
  const [before, after] = [baseline(), other()];
  const runs = view.runs.map(({ label, hasCode }, run) => [columns[run], label, hasCode]);
  const code = JSON.stringify([before, after, runs]);
  if (code === shownCode) return;
  shownCode = code;
  parts.code.show(view, before, after);
  if (view.runs[before]?.hasCode && view.runs[after]?.hasCode)
    vscode.postMessage({ kind: "code", baseline: before, other: after });
}

function show(message: Extract<ToComparePage, { kind: "comparison" }>): void {
  if (!parts) return;
  ({ view, kept: columns } = message);
  parts.loading.hidden = true;
  parts.content.hidden = false;
  const labels = view.runs.map(({ label }) => label);
  // Replacing the options would close an open list.
  if (JSON.stringify(labels) !== parts.baseline.dataset["labels"]) {
    parts.baseline.dataset["labels"] = JSON.stringify(labels);
    parts.baseline.replaceChildren(
      ...labels.map((label, run) => {
        const option = element("option", "", label);
        option.value = String(run);
        return option;
      }),
    );
  }
  draw();
  askForCode();
  charts ??= chartsIn(parts.chartsPlace);
}

/** Draws the table, and keeps the focus on its buttons. */
function draw(): void {
  if (!parts || !view) return;
  const { texts, place, said, saidText, showAll, skipped } = parts;
  const shown: ShownValues = { view, baseline: baseline(), showsAll: state.showsAll, search: state.search };
  parts.baseline.value = String(shown.baseline);
  const { baseline: chosen, open } = (document.activeElement as HTMLElement | null)?.dataset ?? {};
  const table = valueTable(shown, {
    texts,
    onBaseline: chooseBaseline,
    onOpen: (run) => vscode.postMessage({ kind: "open", run }),
    onPoint: (run) => {
      const named = run === undefined ? undefined : columns[run];
      charts?.highlight(named && [named]);
    },
  });
  place.hidden = table === undefined;
  place.replaceChildren(...(table ? [table] : []));
  if (chosen !== undefined) focusOn(place, `[data-baseline="${Number(chosen)}"]`);
  if (open !== undefined) focusOn(place, `[data-open="${Number(open)}"]`);
  const same = view.rows.filter(({ differs }) => !differs).length;
  const isEmpty = table === undefined;
  saidText.textContent = isEmpty
    ? state.search === ""
      ? texts.allSame
      : texts.noMatch
    : [
        ...(state.showsAll ? [] : [fill(texts.same, same)]),
        ...(view.more > 0 ? [fill(texts.more, view.more)] : []),
      ].join(" ");
  showAll.hidden = state.showsAll && state.search === "";
  said.hidden = saidText.textContent === "";
  skipped.replaceChildren(...(view.skipped.length === 0 ? [] : [skippedPart(view.skipped, texts)]));
}

function focusOn(place: HTMLElement, selector: string): void {
  place.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
}

function skippedPart(all: readonly string[], texts: CompareTexts): HTMLElement {
  const made = element("section", "notice");
  const list = element("ul");
  list.append(...all.map((text) => element("li", "", text)));
  made.append(element("h2", "", texts.skipped), list);
  return made;
}

function chartsIn(place: HTMLElement): ChartsView {
  return mountCharts(
    place,
    {
      send: (message) => vscode.postMessage({ kind: "charts", message }),
      kept: state.charts,
      keep: (kept) => keep({ charts: kept }),
      onHighlight: (runs) =>
        pointAt(parts?.place ?? null, new Set(runs?.map((run) => placeOf(run)).filter((at) => at >= 0))),
    },
    { compact: true },
  );
}

function hear(message: ToComparePage): void {
  switch (message.kind) {
    case "setup":
      return setUp(message);
    case "comparison":
      return show(message);
    case "notice":
      if (!parts) return;
      parts.noticeText.textContent = message.text;
      parts.notice.hidden = message.text === "";
      parts.retry.hidden = !message.retry;
      if (message.text !== "") parts.loading.hidden = true;
      return;
    case "code":
      if (message.baseline !== baseline() || message.other !== other()) return;
      parts?.code.showFiles(message.files, message.note);
      // Retry with the next values after an error.
      if (message.files.length === 0 && message.note !== "") shownCode = "";
      return;
    case "charts": {
      const { title } = document;
      charts?.hear(message.message);
      document.title = title;
    }
  }
}

onMessage(readToComparePage, hear);
vscode.postMessage({ kind: "ready" });
