/** Why a file of this machine cannot be written although we may. */
export interface LocalFileFailure {
  readonly code: "local-file-in-use";
  readonly file: string;
}
