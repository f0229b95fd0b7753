/** A file in an archive. */
export interface ArchivePath {
  /** The path of the archive, relative to the root. */
  readonly archive: string;
  /** Its path in the archive. */
  readonly path: string;
}

/** Where an archive's name ends and the path of what is in it begins. Runicorn has one name for them. */
const boundary = /^((?:.*?\/)?code_snapshot\.zip)\/(.+)$/s;

/** Splits a path that leads into an archive; undefined for any other. */
export function memberOf(path: string): ArchivePath | undefined {
  const [, archive, member] = boundary.exec(path) ?? [];
  return archive === undefined || member === undefined ? undefined : { archive, path: member };
}
