/** What a script printed, free of what login shells and start-up files say. */
export interface ScriptResult {
  readonly output: Buffer;
  /** Standard error, with what others said on it meanwhile: for diagnosis only. */
  readonly stderr: Buffer;
  /** Exit status, or undefined when nobody told it. */
  readonly code: number | undefined;
  readonly truncated: boolean;
}

export interface ScriptOptions {
  /** Aborting ends the script. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until it fails with `exec-timed-out`. Default: none. */
  readonly timeout?: number | undefined;
  /** Bytes kept of its output; what comes beyond is dropped and `truncated` is set. */
  readonly outputLimit?: number | undefined;
  /** Makes what was printed until the time was up a result, `truncated`, instead of a failure. */
  readonly keepPartial?: boolean | undefined;
  /** Hears its output as it comes. */
  readonly onStdout?: ((chunk: Buffer) => void) | undefined;
}

/** A shell on the host that is held for as long as the connection is open, and in which scripts run side by side. */
export interface HeldShell {
  /**
   * Runs a script that ends with a command, whose exit status is the script's. It has no input, and its variables and
   * functions are its own. Opens the shell when it is not there.
   * @throws Failure `shell-ended` when the shell ends first, whoever ended it; `script-did-not-run`, `exec-timed-out`,
   * `channel-refused`, `connection-lost`; Cancelled.
   */
  run(script: Uint8Array, options?: ScriptOptions): Promise<ScriptResult>;
}
