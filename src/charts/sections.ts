/** Metrics that stand together. */
export interface Section {
  /** What their names begin with, up to the first `/`; empty for those without one. */
  readonly prefix: string;
  readonly metrics: readonly string[];
}

/** Sections in the order in which their first metrics come; those without a prefix first. */
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

/** Whether a metric's name holds every word of what is searched for, in any case. */
export function matchesSearch(metric: string, search: string): boolean {
  const name = metric.toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
