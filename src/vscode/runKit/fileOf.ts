/** A file of a copied root. */
export interface FileOfRoot {
  readonly syncId: string;
  /** Relative to the root. */
  readonly path: string;
}

/**
 * The file that a command was chosen on: an item of the tree, or the entry of a page, which VS Code hands on as the page
 * wrote it. @returns undefined for what is none.
 */
export function fileOf(argument: unknown): FileOfRoot | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  const { data } = argument as { readonly data?: unknown };
  const named = typeof data === "object" && data !== null ? data : argument;
  const { syncId, path, kind } = named as Readonly<Record<string, unknown>>;
  if (named === data && kind !== "runFile") return undefined;
  return typeof syncId === "string" &&
    /^[0-9a-f]{24}$/.test(syncId) &&
    typeof path === "string" &&
    path !== ""
    ? { syncId, path }
    : undefined;
}
