import type { KeptImage } from "./images.js";

const tabs = ["overview", "charts", "log", "images", "files"] as const;
export type RunTab = (typeof tabs)[number];

/** How a person looked at a run's page when the window was closed. */
export interface KeptPage {
  readonly tab: RunTab;
  readonly search: string;
  readonly image: KeptImage | undefined;
  /** What the charts keep, of whatever shape. */
  readonly charts: unknown;
}

/** The beginning where nothing fit was kept. */
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
