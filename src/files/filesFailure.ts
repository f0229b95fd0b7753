/** Every way in which looking at files of a host fails. */
export type FilesFailure =
  | { readonly code: "sftp-unavailable"; readonly host: string; readonly reason: string }
  | { readonly code: "path-missing"; readonly host: string; readonly path: string }
  | { readonly code: "path-not-permitted"; readonly host: string; readonly path: string }
  | { readonly code: "path-not-folder"; readonly host: string; readonly path: string }
  | { readonly code: "path-invalid"; readonly path: string }
  | { readonly code: "files-timed-out"; readonly host: string; readonly seconds: number };
