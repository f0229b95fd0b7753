import type { LocalPath } from "../../common/files/regularFile.js";
import { isSafePath } from "../../sync/remote/listing.js";
import { createGrowingLines } from "../../charts/growingLines.js";
import { parsePythonJson } from "../../common/text/pythonJson.js";

/** An image that a run logged. */
export interface RunImage {
  /** If the run logged none, the index among the images with the same name. */
  readonly step: number;
  readonly caption: string;
  /** Relative to the run's folder. */
  readonly path: string;
}

/** The images of a run, from its events. */
export interface RunImages {
  /** By name, each in the order of steps. */
  readonly series: ReadonlyMap<string, readonly RunImage[]>;
  /** How many are left out: there are too many, or their paths leave the run's folder. */
  readonly leftOut: number;
  /** Reads what is new. @returns whether anything was. */
  update(signal?: AbortSignal): Promise<boolean>;
}

/** Maximum number of images of one run, of which the last ones are kept, and of characters of a name or caption. */
const mostImages = 20_000;
const longestText = 1_000;

/** @param events absolute path of the run's `events.jsonl`. */
export function createRunImages(events: LocalPath): RunImages {
  /** In the order of the file. */
  let kept: (RunImage & { readonly key: string })[] = [];
  /** How many images there were of each name that is kept. */
  let counts = new Map<string, number>();
  let leftOut = 0;
  let series: ReadonlyMap<string, readonly RunImage[]> | undefined;
  /** Leaves out the oldest. */
  const trim = (): void => {
    if (kept.length <= mostImages) return;
    leftOut += kept.length - mostImages;
    kept = kept.slice(-mostImages);
    counts = new Map(kept.map(({ key }) => [key, counts.get(key) ?? 0]));
  };
  const take = ({ key, step, caption, path }: LoggedImage): void => {
    if (!isSafePath(path)) {
      leftOut += 1;
      return;
    }
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    kept.push({ key, step: step ?? count, caption, path });
    series = undefined;
    if (kept.length >= 2 * mostImages) trim();
  };
  /** @returns whether the line is that of an image. */
  const onLine = (line: string): boolean => {
    // Most lines are metrics: do not parse those.
    const logged = line.includes('"image"') ? readImage(line) : undefined;
    if (logged) take(logged);
    return logged !== undefined;
  };
  const lines = createGrowingLines(events, {
    onLine: (line) => void onLine(line),
    // The last line of a killed run may have no line ending.
    onLast: onLine,
    onReset: () => {
      [kept, leftOut, series] = [[], 0, undefined];
      counts.clear();
    },
  });
  return {
    get series() {
      series ??= seriesOf(kept);
      return series;
    },
    get leftOut() {
      return leftOut;
    },
    update: async (signal) => {
      try {
        return await lines.read(signal);
      } finally {
        trim();
      }
    },
  };
}

/** By name, each in the order of steps. */
function seriesOf(
  images: readonly (RunImage & { readonly key: string })[],
): ReadonlyMap<string, readonly RunImage[]> {
  const series = new Map<string, RunImage[]>();
  for (const { key, ...image } of images) {
    const present = series.get(key) ?? [];
    if (present.length === 0) series.set(key, present);
    present.push(image);
  }
  for (const one of series.values()) one.sort((a, b) => a.step - b.step);
  return series;
}

type LoggedImage = Pick<RunImage, "caption" | "path"> & {
  readonly key: string;
  readonly step: number | undefined;
};

function readImage(line: string): LoggedImage | undefined {
  const event = parsed(line);
  if (!isRecord(event) || event["type"] !== "image" || !isRecord(event["data"])) return undefined;
  const { key, path, step, caption } = event["data"];
  if (typeof key !== "string" || typeof path !== "string") return undefined;
  return {
    key: key.slice(0, longestText),
    path,
    step: typeof step === "number" && Number.isFinite(step) ? step : undefined,
    caption: typeof caption === "string" ? caption.slice(0, longestText) : "",
  };
}

function parsed(line: string): unknown {
  try {
    return parsePythonJson(line);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
