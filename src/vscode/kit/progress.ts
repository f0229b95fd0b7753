import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import type { Where } from "../../where.js";

/** The steps from a host to its viewer. */
export type OpeningStep = "connect" | "environment" | "job" | "viewer" | "tunnel";

/** The parameters of a viewer to start. */
export interface ViewerChoice {
  readonly environment: PythonEnvironment;
  /** Absolute, or starting with `~/`. */
  readonly root: string;
  /** Whether to create the root, which is missing. */
  readonly createRoot?: boolean;
  /** Why it was chosen without asking; missing if the user chose it. */
  readonly environmentReason?: string;
  readonly rootReason?: string;
}

/** A step with its title. */
export interface OpeningTask {
  readonly step: OpeningStep;
  readonly title: string;
  /** Missing until both are chosen. */
  readonly choice?: ViewerChoice;
  /** Missing on hosts without a cluster. */
  readonly where?: Where;
}

/** Shows the progress of a step, with a way to cancel it. */
export type OpeningProgress = <T>(
  task: OpeningTask,
  work: (signal: AbortSignal, report: (message: string, step?: OpeningStep) => void) => Promise<T>,
) => Promise<T>;

/** For viewers that open without a panel. */
export const inNotification: OpeningProgress = ({ title }, work) => withProgress(title, work);

/** Runs long work under a notification with a Cancel button. */
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

/** Asks with a token that closes the question when the signal is aborted; closed already, if it was before. */
export async function askUntilAborted<T>(
  signal: AbortSignal | undefined,
  ask: (token: vscode.CancellationToken) => Thenable<T>,
): Promise<T> {
  const closing = new vscode.CancellationTokenSource();
  const close = (): void => closing.cancel();
  if (signal?.aborted) close();
  signal?.addEventListener("abort", close, { once: true });
  try {
    return await ask(closing.token);
  } finally {
    signal?.removeEventListener("abort", close);
    closing.dispose();
  }
}
