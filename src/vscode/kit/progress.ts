import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import type { Where } from "../../where.js";

/** The steps from a host to its viewer. */
export type OpeningStep = "connect" | "environment" | "job" | "viewer" | "tunnel";

/** What a viewer is started with. */
export interface ViewerChoice {
  readonly environment: PythonEnvironment;
  /** Absolute, or starting with `~/`. */
  readonly root: string;
  /** The root is missing, and the person wants it to be made. */
  readonly createRoot?: boolean;
  /** Why nobody was asked; missing where a person has chosen. */
  readonly environmentReason?: string;
  readonly rootReason?: string;
}

/** One of them, in the words of a title. */
export interface OpeningTask {
  readonly step: OpeningStep;
  readonly title: string;
  /** Missing until both are chosen. */
  readonly choice?: ViewerChoice;
  /** Missing on hosts that lead to no cluster. */
  readonly where?: Where;
}

/** Shows that a step is under way, how far it is, and lets the person cancel it. */
export type OpeningProgress = <T>(
  task: OpeningTask,
  work: (signal: AbortSignal, report: (message: string, step?: OpeningStep) => void) => Promise<T>,
) => Promise<T>;

/** For what opens without a panel of its own. */
export const inNotification: OpeningProgress = ({ title }, work) => withProgress(title, work);

/** Runs something that may take long under a notification with a Cancel button. */
export function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(
    vscode.window.withProgress(options, (progress, token) =>
      work(abortSignalOf(token), (message) => progress.report({ message })),
    ),
  );
}

function abortSignalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort(new Cancelled());
  token.onCancellationRequested(() => controller.abort(new Cancelled()));
  return controller.signal;
}
