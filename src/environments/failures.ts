import { failureGuard } from "../common/failure.js";

/** Every way in which finding or preparing an environment fails. */
export type EnvironmentFailure =
  /** The script did not come to its end: a start-up file of the login shell ended it, or there is no /bin/sh. */
  | { readonly code: "environment-probe-failed"; readonly host: string; readonly output: string }
  | {
      readonly code: "runicorn-install-failed";
      readonly environment: string;
      readonly output: string;
      /** Whether the host does not reach a package index: this machine may bring the packages. */
      readonly isOffline?: boolean;
    }
  /** This machine was to bring the packages and has no pip. `command` is what fetches them where there is one. */
  | { readonly code: "local-pip-missing"; readonly command: string }
  /** The pip of this machine did not fetch them. */
  | { readonly code: "packages-not-fetched"; readonly output: string }
  | { readonly code: "environment-not-found"; readonly environment: string; readonly host: string }
  | { readonly code: "no-environment-with-runicorn"; readonly host: string }
  /** A line that was to run before a Python did not succeed. The line itself may be a secret, and is not told. */
  | {
      readonly code: "lines-failed";
      readonly host: string;
      /** Counts from 1; 0: what the shell reads when it starts. */
      readonly line: number;
      /** Set where it took longer than this. */
      readonly seconds?: number;
      readonly output: string;
    };

export const isEnvironmentFailure = failureGuard<EnvironmentFailure>();
