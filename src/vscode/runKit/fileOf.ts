/** A file of a synced root. */
export interface FileOfRoot {
  readonly syncId: string;
  /** Relative to the root. */
  readonly path: string;
}

/**
 * The file that a command was invoked on: a tree item, or the context of an entry in a webview, which comes from the
 * page. @returns undefined if there is none.
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
