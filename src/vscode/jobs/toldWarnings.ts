import { updateSharedFile } from "../../common/files/sharedFile.js";

/** Milliseconds after which nothing is known any more of what was told: no job waits for its end that long. */
const lifetime = 7 * 24 * 3_600_000;

/** A warning of one job, told by its key from those of others. */
export interface Warning {
  readonly key: string;
  /** Milliseconds before the end. */
  readonly mark: number;
}

/**
 * Notes that a person is told now, for all windows.
 * @param file absolute path; made when the first is told.
 * @returns false where a window has told this warning, or a later one.
 */
export async function claimWarning(file: string, { key, mark }: Warning, now = Date.now()): Promise<boolean> {
  let isOurs = false;
  await updateSharedFile(file, (bytes) => {
    const told = read(bytes).filter(({ at }) => now - at < lifetime && at <= now);
    isOurs = !told.some((one) => one.key === key && one.mark <= mark);
    return isOurs ? Buffer.from(JSON.stringify([...told, { key, mark, at: now }])) : undefined;
  });
  return isOurs;
}

/** What cannot be read is as good as nothing: at worst something is told twice. */
function read(bytes: Buffer | undefined): readonly (Warning & { readonly at: number })[] {
  try {
    const all: unknown = JSON.parse(bytes?.toString() ?? "[]");
    return Array.isArray(all) ? all.filter(isTold) : [];
  } catch {
    return [];
  }
}

function isTold(value: unknown): value is Warning & { readonly at: number } {
  if (typeof value !== "object" || value === null) return false;
  const { key, mark, at } = value as Readonly<Record<string, unknown>>;
  return typeof key === "string" && typeof mark === "number" && typeof at === "number";
}
