/** Metrics that are shown together. */
export interface Section {
  /** The part of their names before the first `/`; empty for names without one. */
  readonly prefix: string;
  readonly metrics: readonly string[];
}

/** Groups metrics by prefix, in the order of first appearance; metrics without a prefix come first. */
export function sectionsOf(metrics: readonly string[]): readonly Section[] {
  const byPrefix = new Map<string, string[]>([["", []]]);
  for (const metric of metrics) {
    const prefix = prefixOf(metric);
    const present = byPrefix.get(prefix);
    if (present) present.push(metric);
    else byPrefix.set(prefix, [metric]);
  }
  return [...byPrefix].flatMap(([prefix, all]) => (all.length > 0 ? [{ prefix, metrics: all }] : []));
}

function prefixOf(metric: string): string {
  const slash = metric.indexOf("/");
  return slash > 0 ? metric.slice(0, slash) : "";
}

/** Whether a metric's name contains every word of a search, ignoring case. */
export function matchesSearch(metric: string, search: string): boolean {
  const name = metric.toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
