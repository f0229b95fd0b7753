import { failureGuard } from "../common/failure.js";

/** Every way in which looking at files of a host fails. */
export type FilesFailure =
  | { readonly code: "sftp-unavailable"; readonly host: string; readonly reason: string }
  | { readonly code: "path-missing"; readonly host: string; readonly path: string }
  | { readonly code: "path-not-permitted"; readonly host: string; readonly path: string }
  | { readonly code: "path-not-folder"; readonly host: string; readonly path: string }
  /** More entries than anybody can look at; `most` is how many are read. */
  | {
      readonly code: "folder-too-large";
      readonly host: string;
      readonly path: string;
      readonly most: number;
    }
  | { readonly code: "path-invalid"; readonly path: string }
  | { readonly code: "files-timed-out"; readonly host: string; readonly seconds: number };

export const isFilesFailure = failureGuard<FilesFailure>();
