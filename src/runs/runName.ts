/** Identifies a run, even if its folder is moved. */
export interface RunName {
  readonly syncId: string;
  readonly id: string;
  /** Its folder, relative to the root, if another run of that root has the same id. */
  readonly inFolder?: string | undefined;
}

/** A unique key for a name. */
export function keyOfName({ syncId, id, inFolder }: RunName): string {
  return JSON.stringify(inFolder === undefined ? [syncId, id] : [syncId, id, inFolder]);
}
