import { element } from "./element.js";
import {
  type FromPage,
  type Header,
  type Notice,
  type Page,
  type PageButton,
  type PageState,
  readToPage,
} from "../src/vscode/viewers/page.js";
import { onMessage } from "./messages.js";
import { stepItem } from "./steps.js";
import { registerElements } from "./toolkit.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  setState(state: PageState): void;
};

const vscode = acquireVsCodeApi();
const place = document.getElementById("page");

function card(...children: HTMLElement[]): HTMLElement {
  const made = element("div", "card");
  made.append(...children);
  return made;
}

/** @param entrance the URL that opens the page once. */
function viewerFrame({ url, title }: Extract<Page, { kind: "viewer" }>, entrance = url): HTMLElement {
  const present = document.querySelector("iframe");
  // Keep the frame of the same page, with its input and scroll position.
  if (present?.dataset["url"] === url) return present;
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.dataset["url"] = url;
  frame.src = entrance;
  // Runicorn's page needs scripts, storage, downloads and dialogs. It must not navigate the top-level window.
  frame.sandbox.add(
    "allow-scripts",
    "allow-same-origin",
    "allow-forms",
    "allow-downloads",
    "allow-modals",
    "allow-popups",
  );
  // No clipboard-read, so that the page cannot read what was copied elsewhere. Pasting by keyboard needs no permission.
  frame.allow = "clipboard-write";
  return frame;
}

/** Creates a title that can take the focus from a removed element, but is not in the Tab order. */
function title(className: string, text: string): HTMLElement {
  const made = element("h1", className, text);
  made.tabIndex = -1;
  return made;
}

function noticeCard({ message, advice, output, buttons }: Notice): HTMLElement {
  const row = element("div", "buttons");
  buttons.forEach(({ id, label }, index) => {
    const button = element("vscode-button", "", label);
    button.setAttribute("appearance", index === 0 && id !== "cancel" ? "primary" : "secondary");
    button.dataset["button"] = id;
    button.addEventListener("click", () => vscode.postMessage({ kind: "pressed", button: id }));
    row.append(button);
  });
  const log = output ? [element("pre", "", output)] : [];
  for (const pre of log) {
    pre.tabIndex = 0;
    // Scroll to the end of the log, where the error is.
    requestAnimationFrame(() => (pre.scrollTop = pre.scrollHeight));
  }
  return card(title("", message), ...(advice ? [element("p", "", advice)] : []), ...log, row);
}

/** The bar with environment and root, above the viewer or the steps of its start. */
function headerBar({ text, change }: Header): HTMLElement {
  const bar = element("div", "header");
  const button = element("button", "", change);
  button.dataset["button"] = "change" satisfies PageButton;
  button.addEventListener("click", () => vscode.postMessage({ kind: "pressed", button: "change" }));
  const words = element("span", "", text);
  words.title = text;
  bar.append(words, button);
  return bar;
}

/** Lists up to this long go above the buttons. */
const shortList = 5;

/** Shows the steps of a start. Keeps the button element, and so the focus. */
function showStarting(page: Extract<Page, { kind: "starting" }>): void {
  const list = element("ol", "steps");
  list.append(...page.steps.map(stepItem));
  const present = document.querySelector(".starting .steps");
  const message = document.querySelector(".starting h1")?.textContent;
  const hasHeader = document.querySelector("#page > .header") !== null;
  const advice = document.querySelector(".starting > p")?.textContent ?? "";
  if (
    present &&
    message === page.message &&
    advice === page.advice &&
    hasHeader === (page.header !== undefined)
  ) {
    present.replaceWith(list);
    return;
  }
  const made = noticeCard(page);
  made.classList.add("starting");
  // Place the buttons below the cause, and above a long list.
  if (page.steps.length > shortList) made.append(list);
  else made.insertBefore(list, made.lastElementChild);
  place?.replaceChildren(...(page.header ? [headerBar(page.header)] : []), made);
}

/** Covers the viewer without unloading it, so that input and scroll position are kept. */
function showOverlay(page: Extract<Page, { kind: "reconnecting" }>): void {
  const frame = document.querySelector("iframe");
  const overlay = element("div", "overlay");
  overlay.setAttribute("role", "dialog");
  overlay.setAttribute("aria-label", page.message);
  const notice = noticeCard(page);
  if (page.busy) notice.prepend(element("vscode-progress-ring", ""));
  overlay.append(notice);
  const present = document.querySelector(".overlay");
  if (present) present.replaceWith(overlay);
  else if (frame) place?.append(overlay);
  else place?.replaceChildren(overlay);
  setCovered(true);
}

/**
 * Removes covered elements from the Tab order. Does not use `inert` on the frame: if the frame had the focus last in this
 * page, Chromium would then steal the focus of the whole window.
 */
function setCovered(isCovered: boolean): void {
  const header = document.querySelector<HTMLElement>("#page > .header");
  if (header) header.inert = isCovered;
  const frame = document.querySelector("iframe");
  if (!frame) return;
  frame.tabIndex = isCovered ? -1 : 0;
  frame.ariaHidden = isCovered ? "true" : null;
}

function isCovered(element: Element): boolean {
  return element.closest("[inert], [aria-hidden=true]") !== null;
}

/** Updates the bar above the viewer without touching the frame, which would reload its page. */
function showAbove(
  frame: HTMLElement,
  { header }: Extract<Page, { kind: "viewer" }>,
  note: HTMLElement[],
): void {
  const words = document.querySelector<HTMLElement>("#page > .header > span");
  if (words) words.textContent = words.title = header.text;
  document.querySelector("#page > .note")?.remove();
  frame.before(...note);
}

function draw(page: Page, entrance?: string): void {
  switch (page.kind) {
    case "viewer": {
      const frame = viewerFrame(page, entrance);
      setCovered(false);
      const note = page.note === undefined ? [] : [element("p", "note", page.note)];
      if (frame.isConnected) showAbove(frame, page, note);
      else place?.replaceChildren(title("spoken", page.title), headerBar(page.header), ...note, frame);
      document.querySelector(".overlay")?.remove();
      return;
    }
    case "waiting":
      place?.replaceChildren(card(element("vscode-progress-ring", ""), title("", page.message)));
      return;
    case "starting":
      showStarting(page);
      return;
    case "reconnecting":
      showOverlay(page);
      return;
    case "ended":
      place?.replaceChildren(noticeCard(page));
  }
}

/** Whether the focus was in the viewer when it was covered. */
let wasInViewer = false;

/** If the focused element was removed or covered, focuses the same button, or the title of the new content. */
function keepFocus(before: HTMLElement): void {
  const frame = document.querySelector("iframe");
  const shown = document.querySelector<HTMLElement>(".overlay") ?? place;
  if (before === frame && isCovered(frame)) wasInViewer = true;
  if (frame && !isCovered(frame) && wasInViewer) return frame.focus();
  const { button } = before.dataset;
  const buttons = [...(shown?.querySelectorAll<HTMLElement>("[data-button]") ?? [])];
  const same = buttons.find(({ dataset }) => button !== undefined && dataset["button"] === button);
  (same ?? shown?.querySelector("h1"))?.focus();
}

function show(page: Page, entrance?: string): void {
  document.title = page.title;
  const before = document.activeElement;
  // Do not take the focus from elsewhere in the window.
  const isOurs = document.hasFocus() && before instanceof HTMLElement && before !== document.body;
  draw(page, entrance);
  if (isOurs && (!before.isConnected || isCovered(before))) keepFocus(before);
  if (page.kind !== "reconnecting") wasInViewer = false;
}

/** Replaces the frame, since one of another origin cannot be reloaded. */
function reload(entrance: string | undefined): void {
  const before = document.querySelector("iframe");
  if (!before) return;
  const after = document.createElement("iframe");
  for (const { name, value } of before.attributes) after.setAttribute(name, value);
  if (entrance !== undefined) after.src = entrance;
  before.replaceWith(after);
}

onMessage(readToPage, (message) => {
  if (message.kind === "show") {
    vscode.setState(message.state);
    show(message.page, message.entrance);
  } else {
    reload(message.entrance);
  }
});
registerElements();
vscode.postMessage({ kind: "ready" });
