/** What the page inside the panel shows. Texts come with it: the page itself has none. */
export type Page =
  | { readonly kind: "viewer"; readonly url: string; readonly title: string }
  | { readonly kind: "waiting"; readonly message: string }
  | {
      readonly kind: "ended";
      readonly message: string;
      readonly advice: string;
      readonly output: string;
      readonly buttons: readonly { readonly id: PageButton; readonly label: string }[];
    };

export type PageButton = "retry" | "open-in-browser" | "show-log" | "connect" | "close";

/** From the extension to the page. */
export type ToPage = { readonly kind: "show"; readonly page: Page } | { readonly kind: "reload" };

/** From the page to the extension. */
export type FromPage = { readonly kind: "ready" } | { readonly kind: "pressed"; readonly button: PageButton };

const buttons: readonly string[] = [
  "retry",
  "open-in-browser",
  "show-log",
  "connect",
  "close",
] satisfies PageButton[];

/** Messages from a webview are input like any other. */
export function readFromPage(message: unknown): FromPage | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message)) return undefined;
  if (message.kind === "ready") return { kind: "ready" };
  if (message.kind !== "pressed" || !("button" in message) || !buttons.includes(message.button as string)) {
    return undefined;
  }
  return { kind: "pressed", button: message.button as PageButton };
}
