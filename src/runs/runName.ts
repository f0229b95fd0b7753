/** Names a run, wherever its folder is moved to. */
export interface RunName {
  readonly syncId: string;
  readonly id: string;
  /** Its folder, relative to the root, where another run of that root has the same id: it is known by both then. */
  readonly inFolder?: string | undefined;
}

/** One text for each name; those of two runs differ. */
export function keyOfName({ syncId, id, inFolder }: RunName): string {
  return JSON.stringify(inFolder === undefined ? [syncId, id] : [syncId, id, inFolder]);
}
