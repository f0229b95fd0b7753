/** What the page shows. Texts come with it: the page itself has none. */
export interface GlancePage {
  readonly title: string;
  /** Said where there is no host. */
  readonly empty: string;
  readonly hosts: readonly HostCard[];
}

export interface HostCard {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly facts: readonly { readonly label: string; readonly value: string; readonly line?: Line }[];
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

export interface Table {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Cell {
  readonly text: string;
  readonly line?: Line;
  readonly buttons?: readonly Button[];
}

/** A sparkline, and the same in words. */
export interface Line {
  readonly text: string;
  /** Each from 0 to 1: how far in time, and how high. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Button {
  readonly label: string;
  /** Names it where it is read alone. */
  readonly name: string;
  readonly action: RunAction;
  readonly syncId: string;
  readonly runId: string;
}

export type RunAction = "charts" | "viewer";

/** From the extension to the page. */
export interface ToGlancePage {
  readonly kind: "show";
  readonly page: GlancePage;
}

/** Whatever else reaches the page is none of ours. */
export function readToGlancePage(message: unknown): ToGlancePage | undefined {
  if (!isObject(message) || message["kind"] !== "show" || !isObject(message["page"])) return undefined;
  return Array.isArray(message["page"]["hosts"]) ? (message as unknown as ToGlancePage) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
