/** A file in an archive. */
export interface ArchivePath {
  /** The path of the archive, relative to the root. */
  readonly archive: string;
  /** Its path in the archive. */
  readonly path: string;
}

/** Separates the path of an archive, which always has this name, from the path in it. */
const boundary = /^((?:.*?\/)?code_snapshot\.zip)\/(.+)$/s;

/** Splits a path into an archive; undefined for other paths. */
export function memberOf(path: string): ArchivePath | undefined {
  const [, archive, member] = boundary.exec(path) ?? [];
  return archive === undefined || member === undefined ? undefined : { archive, path: member };
}
