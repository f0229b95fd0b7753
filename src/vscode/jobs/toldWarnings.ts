import { updateSharedFile } from "../../common/files/sharedFile.js";

/** Milliseconds after which a warning is forgotten. */
const lifetime = 7 * 24 * 3_600_000;

/** A warning; `key` identifies the job. */
export interface Warning {
  readonly key: string;
  /** Milliseconds before the end. */
  readonly mark: number;
}

/**
 * Claims a warning among all windows.
 * @param file absolute path; created by the first warning.
 * @returns false if a window has already shown this warning or a later one.
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

/** Treats a damaged file as empty: at worst, a warning is shown twice. */
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
