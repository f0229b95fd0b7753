import { failureGuard } from "../common/failure.js";

/** All failures of finding or preparing an environment. */
export type EnvironmentFailure =
  /** The script did not run: a start-up file of the login shell exited, or there is no /bin/sh. */
  | { readonly code: "environment-probe-failed"; readonly host: string; readonly output: string }
  | {
      readonly code: "runicorn-install-failed";
      readonly environment: string;
      readonly output: string;
      /** The host cannot reach a package index: offer to copy the packages from this machine. */
      readonly isOffline?: boolean;
    }
  /** This machine has no pip to download the packages. `command` does so on a machine that has. */
  | { readonly code: "local-pip-missing"; readonly command: string }
  /** pip on this machine failed to download the packages. */
  | { readonly code: "packages-not-fetched"; readonly output: string }
  /** What pip on this machine downloaded is more than Runicorn can need, in bytes. It was stopped, and all removed. */
  | { readonly code: "packages-too-large"; readonly most: number }
  | { readonly code: "environment-not-found"; readonly environment: string; readonly host: string }
  | { readonly code: "no-environment-with-runicorn"; readonly host: string }
  /** A line to run before a Python failed. The line may contain a secret and is not included. */
  | {
      readonly code: "lines-failed";
      readonly host: string;
      /** From 1; 0 means the shell's start-up files. */
      readonly line: number;
      /** Set if it timed out after this time. */
      readonly seconds?: number;
      readonly output: string;
    };

export const isEnvironmentFailure = failureGuard<EnvironmentFailure>();
