import type { EndOnHost } from "../../viewer/session/session.js";
import { readViewerPlace, type ViewerPlace } from "../kit/viewerPlace.js";

/** The content of the page in the panel, with all of its texts. */
export type Page =
  /** `header` and `note` are shown above the viewer. */
  | {
      readonly kind: "viewer";
      readonly url: string;
      readonly title: string;
      readonly header: Header;
      readonly note?: string;
    }
  | { readonly kind: "waiting"; readonly message: string; readonly title: string }
  /** The progress of starting a viewer. */
  | ({
      readonly kind: "starting";
      readonly steps: readonly StartingStep[];
      readonly header?: Header;
    } & Notice)
  /** Covers the earlier content, which stays and continues afterwards. */
  | ({ readonly kind: "reconnecting"; readonly busy: boolean } & Notice)
  | ({ readonly kind: "ended" } & Notice);

/** The parameters of a viewer, and the button to change them. */
export interface Header {
  readonly text: string;
  readonly change: string;
}

/** A text with buttons. */
export interface Notice {
  /** The document's title, for screen readers. */
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
  /** The current activity. */
  readonly detail: string;
}

export type PageButton = (typeof buttons)[number];

/** From the extension to the page. `entrance` is a one-time URL that opens the viewer in a frame. */
export type ToPage =
  | { readonly kind: "show"; readonly page: Page; readonly state: PageState; readonly entrance?: string }
  | { readonly kind: "reload"; readonly entrance?: string };

/** Validates a message: the page in the frame can send messages, too. Undefined unless it is from the extension. */
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

/** The state of the page that VS Code keeps. */
export interface PageState {
  readonly sessionId: string;
  /** What is needed to restart the viewer; missing in the state of earlier versions. */
  readonly place?: ViewerPlace;
  /** How the user ended or left it: it is not restarted by itself. */
  readonly end?: EndOnHost["kind"];
  /** A viewer was being opened. */
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

/** Validates a message from the webview, which is untrusted. */
export function readFromPage(message: unknown): FromPage | undefined {
  if (!isObject(message)) return undefined;
  const { kind, button } = message;
  if (kind === "ready") return { kind };
  return kind === "pressed" && isButton(button) ? { kind, button } : undefined;
}
