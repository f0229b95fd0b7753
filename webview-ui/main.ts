import { element } from "./element.js";
import type { FromPage, Notice, Page, PageState, ToPage } from "../src/vscode/panel/page.js";
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

function viewerFrame({ url, title }: Extract<Page, { kind: "viewer" }>): HTMLElement {
  const present = document.querySelector("iframe");
  // The same page stays as it is: what was typed or scrolled in it must not be lost.
  if (present?.getAttribute("src") === url) return present;
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.src = url;
  // Runicorn's page needs its scripts, its storage, downloads and dialogs; it must not navigate the window around it.
  frame.sandbox.add(
    "allow-scripts",
    "allow-same-origin",
    "allow-forms",
    "allow-downloads",
    "allow-modals",
    "allow-popups",
  );
  frame.allow = "clipboard-read; clipboard-write";
  return frame;
}

function noticeCard({ message, advice, output, buttons }: Notice): HTMLElement {
  const row = element("div", "buttons");
  buttons.forEach(({ id, label }, index) => {
    const button = element("vscode-button", "", label);
    button.setAttribute("appearance", index === 0 ? "primary" : "secondary");
    button.addEventListener("click", () => vscode.postMessage({ kind: "pressed", button: id }));
    row.append(button);
  });
  const log = output ? [element("pre", "", output)] : [];
  log.forEach((pre) => (pre.tabIndex = 0));
  return card(element("h1", "", message), element("p", "", advice), ...log, row);
}

/** What lies below stays loaded, so that nothing typed or scrolled there is lost. */
function showOverlay(page: Extract<Page, { kind: "reconnecting" }>): void {
  const overlay = element("div", "overlay");
  const notice = noticeCard(page);
  if (page.busy) notice.prepend(element("vscode-progress-ring", ""));
  overlay.append(notice);
  const present = document.querySelector(".overlay");
  if (present) present.replaceWith(overlay);
  else if (document.querySelector("iframe")) place?.append(overlay);
  else place?.replaceChildren(overlay);
}

function show(page: Page): void {
  switch (page.kind) {
    case "viewer": {
      const frame = viewerFrame(page);
      if (!frame.isConnected) place?.replaceChildren(frame);
      document.querySelector(".overlay")?.remove();
      return;
    }
    case "waiting":
      place?.replaceChildren(card(element("vscode-progress-ring", ""), element("p", "", page.message)));
      return;
    case "reconnecting":
      showOverlay(page);
      return;
    case "ended":
      place?.replaceChildren(noticeCard(page));
  }
}

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === "show") {
    vscode.setState({ sessionId: data.sessionId });
    show(data.page);
  } else {
    const frame = document.querySelector("iframe");
    if (frame) frame.replaceWith(frame.cloneNode());
  }
});
registerElements();
vscode.postMessage({ kind: "ready" });
