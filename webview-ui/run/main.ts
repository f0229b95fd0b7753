import "@vscode-elements/elements/dist/vscode-progress-ring/index.js";
import type { FromRunPage } from "../../src/vscode/runPage/fromRunPage.js";
import { readToRunPage, type ShownRun, type ToRunPage } from "../../src/vscode/runPage/toRunPage.js";
import { type ChartsView, mountCharts } from "../charts/chartsView.js";
import { element } from "../element.js";
import { onMessage } from "../messages.js";
import { button } from "./button.js";
import { createFiles, type Files } from "./files.js";
import { createHeader, type Header } from "./header.js";
import { createImages, type Images } from "./images.js";
import { createLog, type Log } from "./log.js";
import { createOverview, type Overview } from "./overview.js";
import { type KeptPage, readKeptPage, type RunTab } from "./pageState.js";
import "./run.css";
import { createTabs, type Tabs } from "./tabs.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromRunPage): void;
  getState(): unknown;
  setState(state: KeptPage & { readonly shown: ShownRun }): void;
};

/** The parts of the page, created when the texts have arrived. */
interface Parts {
  readonly header: Header;
  readonly overview: Overview;
  readonly log: Log;
  readonly images: Images;
  readonly files: Files;
  readonly tabs: Tabs<RunTab>;
  readonly content: HTMLElement;
  readonly loading: HTMLElement;
  readonly notice: HTMLElement;
  readonly noticeText: HTMLElement;
  readonly retry: HTMLElement;
}

const vscode = acquireVsCodeApi();
const page = document.getElementById("page") ?? document.body;
const spoken = element("div", "spoken");
spoken.setAttribute("aria-live", "polite");
let state = readKeptPage(vscode.getState());
let shown: ShownRun = { syncId: "", id: "" };
let parts: Parts | undefined;
let charts: ChartsView | undefined;
let hasRun = false;

function keep(changes: Partial<KeptPage>): void {
  state = { ...state, ...changes };
  if (shown.id !== "") vscode.setState({ ...state, shown });
}

function setUp({ texts, shown: run }: Extract<ToRunPage, { kind: "setup" }>): void {
  shown = run;
  keep({});
  charts = undefined;
  hasRun = false;
  const chartsPanel = element("div");
  const header = createHeader(texts, (action) => vscode.postMessage({ kind: "action", action }));
  const overview = createOverview({
    texts,
    search: state.search,
    onSearch: (search) => keep({ search }),
    copy: (section, row) => vscode.postMessage({ kind: "copy", section, row }),
  });
  const log = createLog(texts, () => vscode.postMessage({ kind: "action", action: "tail-log" }));
  const images = createImages({
    texts,
    kept: state.image,
    keep: (image) => keep({ image }),
    want: (path) => vscode.postMessage({ kind: "image", path }),
  });
  const files = createFiles(texts, run, (path, action) => vscode.postMessage({ kind: "file", path, action }));
  const tabs = createTabs<RunTab>(
    texts.parts,
    [
      { id: "overview", label: texts.overview, panel: overview.panel },
      { id: "charts", label: texts.charts, panel: chartsPanel },
      { id: "log", label: texts.log, panel: log.panel },
      { id: "images", label: texts.images, panel: images.panel },
      { id: "files", label: texts.files, panel: files.panel },
    ],
    (tab) => {
      keep({ tab });
      vscode.postMessage({ kind: "tab", tab });
      // Create charts only now: they request their points at once.
      if (tab === "charts") charts ??= chartsIn(chartsPanel);
    },
  );
  const loading = element("div", "loading");
  loading.append(element("vscode-progress-ring"), element("p", "", texts.loading));
  const notice = element("div", "notice");
  const noticeText = element("p");
  noticeText.setAttribute("role", "status");
  const retry = button(texts.tryAgain, () => vscode.postMessage({ kind: "retry" }));
  notice.append(noticeText, retry);
  notice.hidden = true;
  const content = element("div");
  content.hidden = true;
  content.append(header.head, tabs.list, overview.panel, chartsPanel, log.panel, images.panel, files.panel);
  parts = { header, overview, log, images, files, tabs, content, loading, notice, noticeText, retry };
  page.replaceChildren(notice, loading, content, spoken);
}

function chartsIn(panel: HTMLElement): ChartsView {
  return mountCharts(
    panel,
    {
      send: (message) => vscode.postMessage({ kind: "charts", message }),
      kept: state.charts,
      keep: (kept) => keep({ charts: kept }),
    },
    { compact: true },
  );
}

function show({ view }: Extract<ToRunPage, { kind: "run" }>): void {
  if (!parts) return;
  parts.loading.hidden = true;
  parts.content.hidden = false;
  document.title = view.title;
  parts.header.show(view);
  parts.overview.show(view);
  parts.files.show(view);
  if (!hasRun) parts.tabs.select(state.tab);
  hasRun = true;
}

function hear(message: ToRunPage): void {
  switch (message.kind) {
    case "setup":
      return setUp(message);
    case "run":
      return show(message);
    case "notice":
      if (!parts) return;
      parts.noticeText.textContent = message.text;
      parts.notice.hidden = message.text === "";
      parts.retry.hidden = !message.retry;
      if (message.text !== "" && !hasRun) parts.loading.hidden = true;
      return;
    case "charts": {
      const { title } = document;
      charts?.hear(message.message);
      document.title = title;
      return;
    }
    case "log":
      return parts?.log.show(message.lines, message.note);
    case "images":
      return parts?.images.show(message.series, message.note);
    case "image":
      return parts?.images.showPicture(message.path, message.source, message.problem);
    case "image-progress":
      return parts?.images.showProgress(message.path, message.percent);
    case "said":
      spoken.textContent = "";
      requestAnimationFrame(() => (spoken.textContent = message.text));
  }
}

onMessage(readToRunPage, hear);
vscode.postMessage({ kind: "ready" });
