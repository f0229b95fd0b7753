import type { RunSign } from "./runSigns.js";

/** One run, as its small JSON files tell it. */
export interface Run {
  /** Which synchronised root it belongs to. */
  readonly syncId: string;
  /** The name of its folder, by which Runicorn finds it. */
  readonly id: string;
  /** Its folder, relative to the root. */
  readonly folder: string;
  /** `<project>/<name>` up to Runicorn 0.5, the path since. */
  readonly path: string;
  readonly project: string;
  readonly name: string;
  readonly alias: string | undefined;
  readonly tags: readonly string[];
  /**
   * `running`, `finished`, `failed`, `interrupted` or what a later Runicorn says; `unknown` where nothing says it. `failed`
   * too where its files say that it is running and the host says that its process is gone.
   */
  readonly status: string;
  /** What the host says of a run whose files say that it is running, where that is worth a word. */
  readonly sign: RunSign | undefined;
  /** Seconds since the epoch by the host's clock. */
  readonly createdAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly pid: number | undefined;
  /** What the machine that it was started on calls itself. */
  readonly hostname: string | undefined;
  readonly bestMetric: BestMetric | undefined;
  /** It lies in Runicorn's recycle bin, or is marked as deleted. */
  readonly isDeleted: boolean;
  /** None of its small files was on the host when that was last listed. */
  readonly isGone: boolean;
  /** Those of its small files that are there and are not what they should be; the rest of the run is told. */
  readonly damaged: readonly string[];
  /** What is kept of its summary: the JSON of an object. */
  readonly summary: string;
  /** Its small files tell more than is kept of them. */
  readonly isShortened: boolean;
  readonly assetsCount: number;
  readonly artifactsCreatedCount: number;
  readonly artifactsUsedCount: number;
}

export interface BestMetric {
  readonly name: string;
  readonly value: number;
  /** Whether a low or a high value is good; undefined where the run did not say so. */
  readonly mode: "min" | "max" | undefined;
}
