import type { FromRunPage } from "../../src/vscode/runPage/fromRunPage.js";
import type { RunPageTexts } from "../../src/vscode/runPage/runPageTexts.js";
import type { RunView } from "../../src/vscode/runPage/toRunPage.js";
import { element } from "../element.js";
import { button } from "./button.js";
import { fill } from "../fill.js";

type Action = Extract<FromRunPage, { kind: "action" }>["action"];

/** The header of a run's page: name, status and actions. */
export interface Header {
  readonly head: HTMLElement;
  show(view: RunView): void;
}

export function createHeader(texts: RunPageTexts, act: (action: Action) => void): Header {
  const head = element("header");
  const title = element("h1");
  const subtitle = element("p", "detail subtitle");
  const status = element("span", "status");
  const duration = element("span", "duration");
  const reason = element("p", "reason");
  const line = element("p", "line");
  line.append(status, duration);
  const actions = element("div", "actions");
  actions.setAttribute("role", "group");
  actions.setAttribute("aria-label", texts.actions);
  actions.append(
    button(texts.openInViewer, () => act("open-in-viewer"), { primary: true }),
    button(texts.copyId, () => act("copy-id")),
    button(texts.copyPath, () => act("copy-path")),
    button(texts.copyLink, () => act("copy-link")),
  );
  head.append(title, subtitle, line, reason, actions);
  let timer: ReturnType<typeof setInterval> | undefined;

  return {
    head,
    show: ({ title: name, subtitle: where, status: state, seconds, isRunning }) => {
      title.textContent = name;
      subtitle.textContent = where;
      status.textContent = state.text;
      status.className = `status ${state.kind}`;
      reason.textContent = state.reason;
      reason.hidden = state.reason === "";
      clearInterval(timer);
      duration.hidden = seconds === undefined;
      if (seconds === undefined) return;
      const since = performance.now() - seconds * 1_000;
      const tell = (): void => {
        const now = isRunning ? (performance.now() - since) / 1_000 : seconds;
        duration.textContent = fill(texts.duration, durationText(now, texts));
      };
      tell();
      if (isRunning) timer = setInterval(tell, 1_000);
    },
  };
}

/** Formats a duration of any length. */
export function durationText(seconds: number, texts: RunPageTexts): string {
  const whole = Math.floor(seconds);
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3_600)];
  if (days > 0) return fill(texts.days, days, hours % 24);
  if (hours > 0) return fill(texts.hours, hours, Math.floor(whole / 60) % 60);
  if (whole >= 60) return fill(texts.minutes, Math.floor(whole / 60), whole % 60);
  return fill(texts.seconds, seconds < 10 ? Number(seconds.toFixed(1)) : whole);
}
