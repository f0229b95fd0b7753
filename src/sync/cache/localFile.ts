import type { LocalPath } from "../../common/files/regularFile.js";

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears how much of the file has come, in bytes. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** A file of a synchronised root on this machine. */
export interface LocalFile {
  /** As the file system takes it: undecodable bytes kept. */
  readonly path: string | Buffer;
  /** For whoever reads it: the same, or one that makes sure that no link has taken its place. */
  readonly place: LocalPath;
  /** Whether it is as the host has it now; false: the host could not be asked, or has it no longer. */
  readonly fresh: boolean;
}
