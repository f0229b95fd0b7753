/** The content of the page, with all of its texts. */
export interface GlancePage {
  readonly title: string;
  /** Text without any host. */
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

/** A sparkline, and its description. */
export interface Line {
  readonly text: string;
  /** Time and value, each from 0 to 1. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Button {
  readonly label: string;
  /** The accessible name. */
  readonly name: string;
  readonly action: RunAction;
  readonly syncId: string;
  /** The run's, relative to the root. */
  readonly folder: string;
}

export type RunAction = "charts" | "viewer";

/** From the extension to the page. */
export interface ToGlancePage {
  readonly kind: "show";
  readonly page: GlancePage;
}

/** Ignores foreign messages. */
export function readToGlancePage(message: unknown): ToGlancePage | undefined {
  if (!isObject(message) || message["kind"] !== "show" || !isObject(message["page"])) return undefined;
  return Array.isArray(message["page"]["hosts"]) ? (message as unknown as ToGlancePage) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
