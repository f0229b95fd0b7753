import type { EndOnHost } from "../../viewer/session/session.js";
import { readViewerPlace, type ViewerPlace } from "../kit/viewerPlace.js";

/** What the page inside the panel shows. Texts come with it: the page itself has none. */
export type Page =
  /** `header` and `note` stand above the viewer, for as long as that is shown. */
  | {
      readonly kind: "viewer";
      readonly url: string;
      readonly title: string;
      readonly header: Header;
      readonly note?: string;
    }
  | { readonly kind: "waiting"; readonly message: string; readonly title: string }
  /** How far a viewer is on its way. */
  | ({
      readonly kind: "starting";
      readonly steps: readonly StartingStep[];
      readonly header?: Header;
    } & Notice)
  /** Lies over what was there before, which stays and goes on afterwards. */
  | ({ readonly kind: "reconnecting"; readonly busy: boolean } & Notice)
  | ({ readonly kind: "ended" } & Notice);

/** What a viewer is started with, and the button that changes it. */
export interface Header {
  readonly text: string;
  readonly change: string;
}

/** Something to read, and what can be done about it. */
export interface Notice {
  /** The document's title, for a screen reader. */
  readonly title: string;
  readonly message: string;
  readonly advice: string;
  readonly output: string;
  readonly buttons: readonly { readonly id: PageButton; readonly label: string }[];
}

const stepStates = ["done", "now", "later", "warned", "failed"] as const;
type StepState = (typeof stepStates)[number];

export interface StartingStep {
  readonly state: StepState;
  readonly label: string;
  /** What is done now, in a few words. */
  readonly detail: string;
}

export type PageButton = (typeof buttons)[number];

/** From the extension to the page. `entrance` is the address that opens the viewer in a frame, once. */
export type ToPage =
  | { readonly kind: "show"; readonly page: Page; readonly state: PageState; readonly entrance?: string }
  | { readonly kind: "reload"; readonly entrance?: string };

/** A page in the frame can send messages to ours too: what is none of the extension's is undefined. */
export function readToPage(message: unknown): ToPage | undefined {
  if (!isObject(message)) return undefined;
  const { kind, page, entrance } = message;
  const way = typeof entrance === "string" && isWebAddress(entrance) ? { entrance } : {};
  if (kind === "reload") return { kind, ...way };
  const state = readPageState(message["state"]);
  return kind === "show" && state && isPage(page) ? { kind, page, state, ...way } : undefined;
}

function isPage(page: unknown): page is Page {
  if (!isObject(page)) return false;
  switch (page["kind"]) {
    case "viewer":
      return (
        isWebAddress(page["url"]) &&
        typeof page["title"] === "string" &&
        isHeader(page["header"]) &&
        ["string", "undefined"].includes(typeof page["note"])
      );
    case "waiting":
      return typeof page["message"] === "string" && typeof page["title"] === "string";
    case "starting":
      return (
        isNotice(page) &&
        Array.isArray(page["steps"]) &&
        page["steps"].every(isStep) &&
        (page["header"] === undefined || isHeader(page["header"]))
      );
    case "reconnecting":
      return typeof page["busy"] === "boolean" && isNotice(page);
    case "ended":
      return isNotice(page);
    default:
      return false;
  }
}

export function isStep(step: unknown): step is StartingStep {
  if (!isObject(step)) return false;
  const { state, label, detail } = step;
  return stepStates.includes(state as StepState) && isText(label) && isText(detail);
}

function isHeader(header: unknown): boolean {
  return isObject(header) && isText(header["text"]) && isText(header["change"]);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isNotice({ title, message, advice, output, buttons: shown }: Fields): boolean {
  return (
    [title, message, advice, output].every(isText) &&
    Array.isArray(shown) &&
    shown.every((button) => isObject(button) && isButton(button["id"]) && typeof button["label"] === "string")
  );
}

function isWebAddress(url: unknown): boolean {
  return typeof url === "string" && /^https?:\/\//.test(url);
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isButton(id: unknown): id is PageButton {
  return buttons.includes(id as PageButton);
}

/** What VS Code keeps of the page while the window is away. */
export interface PageState {
  readonly sessionId: string;
  /** What starts the viewer again; missing in what earlier versions kept. */
  readonly place?: ViewerPlace;
  /** How a person ended it, or let go of it: nothing starts it unasked. */
  readonly end?: EndOnHost["kind"];
  /** A viewer was on its way there. */
  readonly isOpening?: true;
}

export function readPageState(state: unknown): PageState | undefined {
  if (!isObject(state) || typeof state["sessionId"] !== "string") return undefined;
  const place = readViewerPlace(state["place"]);
  return {
    sessionId: state["sessionId"],
    ...(place && { place }),
    ...(isEnd(state["end"]) && { end: state["end"] }),
    ...(state["isOpening"] === true && { isOpening: true as const }),
  };
}

function isEnd(kind: unknown): kind is EndOnHost["kind"] {
  return kind === "gone" || kind === "left" || kind === "unconfirmed";
}

/** From the page to the extension. */
export type FromPage = { readonly kind: "ready" } | { readonly kind: "pressed"; readonly button: PageButton };

const buttons = [
  "retry",
  "reconnect",
  "restart",
  "stop-again",
  "start-again",
  "run-again",
  "open-with",
  "change",
  "open-in-browser",
  "compare-keys",
  "diagnose",
  "copy",
  "edit-config",
  "edit-connection",
  "cure",
  "show-log",
  "connect",
  "cancel",
  "close",
] as const;

/** Messages from a webview are input like any other. */
export function readFromPage(message: unknown): FromPage | undefined {
  if (!isObject(message)) return undefined;
  const { kind, button } = message;
  if (kind === "ready") return { kind };
  return kind === "pressed" && isButton(button) ? { kind, button } : undefined;
}
