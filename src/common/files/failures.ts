/** Why a file or folder of this machine cannot be used. */
export type LocalFileFailure =
  /** It cannot be written although we may. */
  | { readonly code: "local-file-in-use"; readonly file: string }
  /** No room, or no more of it for us. */
  | { readonly code: "local-disk-full"; readonly file: string }
  /** A named pipe or a device. */
  | { readonly code: "local-file-irregular"; readonly file: string }
  /** `owner` is a user ID. */
  | { readonly code: "local-file-of-another"; readonly file: string; readonly owner: number }
  /** Others may write into it; `mode` is as chmod(1) writes it. */
  | { readonly code: "local-file-open-to-others"; readonly file: string; readonly mode: string }
  /** Others may put something else in its place, because of a folder that it lies in. */
  | {
      readonly code: "local-file-exposed";
      readonly file: string;
      readonly folder: string;
      readonly owner: number;
      readonly mode: string;
    }
  /** The system refuses it; `reason` is its error code. */
  | { readonly code: "data-folder-unusable"; readonly file: string; readonly reason: string };
