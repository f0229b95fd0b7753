import type { KeptImage } from "./images.js";

const tabs = ["overview", "charts", "log", "images", "files"] as const;
export type RunTab = (typeof tabs)[number];

/** The saved state of a run's page. */
export interface KeptPage {
  readonly tab: RunTab;
  readonly search: string;
  readonly image: KeptImage | undefined;
  /** State of the charts, not validated. */
  readonly charts: unknown;
}

/** Parses saved state; uses defaults for anything invalid. */
export function readKeptPage(state: unknown): KeptPage {
  const { tab, search, image, charts } = isObject(state) ? state : {};
  const { name, step } = isObject(image) ? image : {};
  return {
    tab: tabs.find((one) => one === tab) ?? "overview",
    search: typeof search === "string" ? search : "",
    image: typeof name === "string" && typeof step === "number" ? { name, step } : undefined,
    charts,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
