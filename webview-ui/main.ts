import { element } from "./element.js";
import {
  type FromPage,
  type Notice,
  type Page,
  type PageState,
  readToPage,
  type StartingStep,
} from "../src/vscode/viewers/page.js";
import { onMessage } from "./messages.js";
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

/** @param entrance the address that opens the page, once. */
function viewerFrame({ url, title }: Extract<Page, { kind: "viewer" }>, entrance = url): HTMLElement {
  const present = document.querySelector("iframe");
  // The same page stays as it is: what was typed or scrolled in it must not be lost.
  if (present?.dataset["url"] === url) return present;
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.dataset["url"] = url;
  frame.src = entrance;
  // Runicorn's page needs its scripts, its storage, downloads and dialogs; it must not navigate the window around it.
  frame.sandbox.add(
    "allow-scripts",
    "allow-same-origin",
    "allow-forms",
    "allow-downloads",
    "allow-modals",
    "allow-popups",
  );
  // What a person copies elsewhere is not for the page to read; pasting by the keyboard needs no permission.
  frame.allow = "clipboard-write";
  return frame;
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
    // What went wrong is said last.
    requestAnimationFrame(() => (pre.scrollTop = pre.scrollHeight));
  }
  const heading = element("h1", "", message);
  // Not a stop for Tab, but a place for the focus when what had it is gone.
  heading.tabIndex = -1;
  return card(heading, ...(advice ? [element("p", "", advice)] : []), ...log, row);
}

/** Steps that stand above their buttons. */
const shortList = 4;

/** The steps of a start; one that is drawn anew keeps its button, and with it the focus. */
function showStarting(page: Extract<Page, { kind: "starting" }>): void {
  const list = element("ol", "steps");
  list.append(...page.steps.map(stepItem));
  const present = document.querySelector(".starting .steps");
  const message = document.querySelector(".starting h1")?.textContent;
  if (present && message === page.message) {
    present.replaceWith(list);
    return;
  }
  const made = noticeCard(page);
  made.classList.add("starting");
  // The buttons stand where the eye is when it is over: below the cause, above a long list.
  if (page.steps.length > shortList) made.append(list);
  else made.insertBefore(list, made.lastElementChild);
  place?.replaceChildren(made);
}

const marks = { done: "✓", now: "", later: "·", warned: "!", failed: "✗" } as const;

function stepItem({ state, label, detail }: StartingStep): HTMLElement {
  const item = element("li", state);
  const mark = element("span", "mark", marks[state]);
  if (state === "now") {
    mark.append(element("vscode-progress-ring", ""));
    item.setAttribute("aria-current", "step");
  }
  mark.setAttribute("aria-hidden", "true");
  item.append(mark, element("span", "", label), element("span", "detail", detail));
  return item;
}

/** What lies below stays loaded, so that nothing typed or scrolled there is lost. */
function showOverlay(page: Extract<Page, { kind: "reconnecting" }>): void {
  const frame = document.querySelector("iframe");
  const hadFocus = frame !== null && document.activeElement === frame;
  const overlay = element("div", "overlay");
  overlay.setAttribute("role", "dialog");
  overlay.setAttribute("aria-label", page.message);
  const notice = noticeCard(page);
  if (page.busy) notice.prepend(element("vscode-progress-ring", ""));
  overlay.append(notice);
  const present = document.querySelector(".overlay");
  const focused = present?.contains(document.activeElement) ? document.activeElement : undefined;
  if (present) present.replaceWith(overlay);
  else if (frame) place?.append(overlay);
  else place?.replaceChildren(overlay);
  // Nobody tabs into a page that cannot be seen.
  if (frame) frame.inert = true;
  if (!hadFocus && !focused) return;
  // It is drawn anew at each try: who stood on a button stands there still.
  const { button } = focused instanceof HTMLElement ? focused.dataset : {};
  const buttons = [...overlay.querySelectorAll<HTMLElement>("[data-button]")];
  const same = buttons.find(({ dataset }) => button !== undefined && dataset["button"] === button);
  (same ?? overlay.querySelector("h1"))?.focus();
}

function show(page: Page, entrance?: string): void {
  document.title = page.title;
  switch (page.kind) {
    case "viewer": {
      const frame = viewerFrame(page, entrance);
      frame.inert = false;
      if (!frame.isConnected) {
        const note = page.note === undefined ? [] : [element("p", "note", page.note)];
        place?.replaceChildren(element("h1", "spoken", page.title), ...note, frame);
      }
      document.querySelector(".overlay")?.remove();
      return;
    }
    case "waiting":
      place?.replaceChildren(card(element("vscode-progress-ring", ""), element("h1", "", page.message)));
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

/** A frame of another origin cannot be reloaded: another one takes its place. */
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
