import { failureGuard } from "../common/failure.js";

/** Every way in which finding or preparing an environment fails. */
export type EnvironmentFailure =
  /** The script did not come to its end: a start-up file of the login shell ended it, or there is no /bin/sh. */
  | { readonly code: "environment-probe-failed"; readonly host: string; readonly output: string }
  | { readonly code: "runicorn-install-failed"; readonly environment: string; readonly output: string }
  | { readonly code: "environment-not-found"; readonly environment: string; readonly host: string }
  | { readonly code: "no-environment-with-runicorn"; readonly host: string };

export const isEnvironmentFailure = failureGuard<EnvironmentFailure>();
