import type { Finding } from "./findings.js";

/** What is looked at, in this order. */
export const stepIds = [
  "name",
  "tcp",
  "banner",
  "key-exchange",
  "host-key",
  "login",
  "shell",
  "forwarding",
  "sftp",
  "sessions",
  "disk",
  "python",
  "runicorn",
  "clock",
] as const;

export type StepId = (typeof stepIds)[number];

export interface DiagnosisStep {
  readonly id: StepId;
  /** `skipped`: an earlier step failed, or the way there does not allow it to be looked at alone. */
  readonly state: "passed" | "warned" | "failed" | "skipped";
  readonly milliseconds: number;
  /** What was found, e.g. an address or a version. What comes from the host is hostile. */
  readonly found: string;
  readonly finding?: Finding | undefined;
}

export interface DiagnosisReport {
  /** As the person wrote it. */
  readonly target: string;
  readonly steps: readonly DiagnosisStep[];
  /** The step that everything else hangs on: the first that failed, else the first with a warning. */
  readonly cause: DiagnosisStep | undefined;
}

export function causeOf(steps: readonly DiagnosisStep[]): DiagnosisStep | undefined {
  const [shell, sftp] = (["shell", "sftp"] as const).map((id) => steps.find((step) => step.id === id));
  // What start-up files print breaks SFTP.
  if (shell?.state === "warned" && sftp?.state === "failed") return shell;
  return steps.find(({ state }) => state === "failed") ?? steps.find(({ state }) => state === "warned");
}
