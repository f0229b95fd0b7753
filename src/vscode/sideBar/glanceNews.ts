import type { Glance } from "../../glance/glances.js";
import { isBusy } from "../../glance/status.js";

/** Minimum change of the load, absolute and relative, to update a row. */
const leastLoad = 0.5;
const leastShare = 0.15;
/** Milliseconds after which an item is out of date. */
const oldest = 300_000;

/** Whether the rendered glance must be updated. */
export function isNews(drawn: Glance | undefined, now: Glance | undefined): boolean {
  if (!drawn || !now || summaryOf(drawn) !== summaryOf(now)) return drawn !== now;
  const [before, load] = [drawn.status?.load?.[0] ?? 0, now.status?.load?.[0] ?? 0];
  return (
    Math.abs(load - before) > Math.max(leastLoad, before * leastShare) ||
    (now.at ?? 0) - (drawn.at ?? 0) >= oldest
  );
}

/** Everything except figures that always change. */
function summaryOf({ status, failure }: Glance): string {
  const gpus = status?.gpus.map((gpu) => [isBusy(gpu), gpu.processes.map(({ pid }) => pid)]);
  const disks = status?.disks.map(({ isLate, space }) => [isLate, space === undefined]);
  return JSON.stringify([failure?.code, status === undefined, gpus, disks, status?.gpuTrouble]);
}
