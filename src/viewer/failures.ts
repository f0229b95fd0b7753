import { type FailureDetail, failureGuard } from "../common/failure.js";

/** All failures of starting, watching or stopping a viewer. */
export type ViewerFailure =
  /** Restored from an earlier window; its host has not been reached yet. */
  | { readonly code: "not-connected-yet" }
  | { readonly code: "viewer-unknown"; readonly id: string }
  | { readonly code: "storage-root-not-given"; readonly host: string }
  | { readonly code: "storage-root-missing"; readonly root: string }
  | { readonly code: "storage-root-not-folder"; readonly root: string }
  | { readonly code: "storage-root-not-accessible"; readonly root: string; readonly reason: string }
  | {
      readonly code: "storage-root-invalid";
      readonly root: string;
      readonly reason: "nul" | "relative" | "too-long";
    }
  | { readonly code: "runicorn-missing"; readonly environment: string }
  | { readonly code: "remote-port-taken"; readonly port: number }
  /** A person has to allow it: every account of the host reaches a port. */
  | { readonly code: "remote-port-not-allowed"; readonly host: string; readonly port: number }
  | { readonly code: "environment-broken"; readonly environment: string; readonly output: string }
  | { readonly code: "viewer-exited"; readonly exitCode: number | undefined; readonly log: string }
  /** It runs, but no longer listens on its port (undefined: its socket): another program may answer there. */
  | { readonly code: "viewer-port-lost"; readonly host: string; readonly port: number | undefined }
  /** It was ended on the host because no client renewed its lease for this many seconds. */
  | { readonly code: "viewer-lease-ended"; readonly host: string; readonly seconds: number }
  | { readonly code: "viewer-not-ready"; readonly seconds: number; readonly log: string }
  /** The host has the home of the machine that the viewer is on, and is not that machine. */
  | { readonly code: "viewer-on-another-machine"; readonly host: string; readonly machine: string }
  /** No place on the host can hold what a viewer needs beside itself; why, for each. */
  | {
      readonly code: "no-folder-on-host";
      readonly host: string;
      readonly places: readonly { readonly path: string; readonly reason: string }[];
    }
  /** No place on the host can hold the socket that a viewer listens on; why, for each. */
  | {
      readonly code: "no-folder-for-socket";
      readonly host: string;
      readonly places: readonly { readonly path: string; readonly reason: string }[];
    }
  | { readonly code: "viewer-launch-failed"; readonly host: string; readonly output: string }
  /** The host did not say that the viewer has ended, and why. `graceSeconds`: undefined for a kept one. */
  | {
      readonly code: "viewer-stop-unconfirmed";
      readonly host: string;
      readonly graceSeconds: number | undefined;
      readonly cause: FailureDetail;
    }
  | {
      readonly code: "viewer-stop-failed";
      readonly host: string;
      readonly pid: number;
      readonly reason: string;
    };

export const isViewerFailure = failureGuard<ViewerFailure>();
