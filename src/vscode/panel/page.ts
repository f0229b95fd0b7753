/** What the page inside the panel shows. Texts come with it: the page itself has none. */
export type Page =
  | { readonly kind: "viewer"; readonly url: string; readonly title: string }
  | { readonly kind: "waiting"; readonly message: string }
  /** Lies over what was there before, which stays and goes on afterwards. */
  | ({ readonly kind: "reconnecting"; readonly busy: boolean } & Notice)
  | ({ readonly kind: "ended" } & Notice);

/** Something to read, and what can be done about it. */
export interface Notice {
  readonly message: string;
  readonly advice: string;
  readonly output: string;
  readonly buttons: readonly { readonly id: PageButton; readonly label: string }[];
}

export type PageButton = (typeof buttons)[number];

/** From the extension to the page. */
export type ToPage =
  { readonly kind: "show"; readonly page: Page; readonly sessionId: string } | { readonly kind: "reload" };

/** What VS Code keeps of the page while the window is reloaded. */
export interface PageState {
  readonly sessionId: string;
}

export function readPageState(state: unknown): PageState | undefined {
  if (typeof state !== "object" || state === null || !("sessionId" in state)) return undefined;
  return typeof state.sessionId === "string" ? { sessionId: state.sessionId } : undefined;
}

/** From the page to the extension. */
export type FromPage = { readonly kind: "ready" } | { readonly kind: "pressed"; readonly button: PageButton };

const buttons = ["retry", "reconnect", "restart", "open-in-browser", "show-log", "connect", "close"] as const;

/** Messages from a webview are input like any other. */
export function readFromPage(message: unknown): FromPage | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message)) return undefined;
  if (message.kind === "ready") return { kind: "ready" };
  if (
    message.kind !== "pressed" ||
    !("button" in message) ||
    !buttons.includes(message.button as PageButton)
  ) {
    return undefined;
  }
  return { kind: "pressed", button: message.button as PageButton };
}
