import { failureGuard } from "../common/failure.js";

/** Why the API cannot be served. */
export type ServerFailure =
  | { readonly code: "api-port-taken"; readonly port: number }
  | { readonly code: "token-file-unusable"; readonly file: string; readonly reason: string };

export const isServerFailure = failureGuard<ServerFailure>();
