/** Names and paths keep undecodable bytes (see common/bytes). */
export interface DirectoryEntry {
  readonly name: string;
  /** A link to a folder is a folder; a link that leads nowhere is `other`. */
  readonly kind: "folder" | "file" | "other";
  /** Bytes; 0 for folders. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
}
