import type { ViewerAnswer, ViewerQuestion } from "./askViewer.js";

/** The result of a change requested from Runicorn's viewer. */
export type EditOutcome =
  | { readonly kind: "done" }
  /** This version of Runicorn cannot do it. */
  | { readonly kind: "unsupported" }
  /** @prop why in the viewer's own words; may be empty. */
  | { readonly kind: "refused"; readonly status: number; readonly why: string };

/** Asks the viewer of the run's root. */
export type Ask = (question: ViewerQuestion) => Promise<ViewerAnswer>;

/** Characters of what a viewer says. */
const longestWords = 500;

/** What a person changes of a run; what is missing stays as it is. Empty texts go. */
export interface RunEdit {
  readonly alias?: string;
  readonly tags?: readonly string[];
}

/** Gives a run another name or other tags. Runicorn before 0.6 cannot. */
export async function editRun(ask: Ask, runId: string, edit: RunEdit): Promise<EditOutcome> {
  const path = `/api/runs/${encodeURIComponent(runId)}`;
  return outcomeOf(await ask({ method: "PATCH", path, body: edit }));
}

/** Moves a run to Runicorn's recycle bin. */
export async function deleteRun(ask: Ask, runId: string): Promise<EditOutcome> {
  const answer = await ask({ method: "POST", path: "/api/runs/soft-delete", body: { run_ids: [runId] } });
  return outcomeOf(answer, runId);
}

/** Moves a run from the recycle bin back to where it was. */
export async function restoreRun(ask: Ask, runId: string): Promise<EditOutcome> {
  const answer = await ask({ method: "POST", path: "/api/recycle-bin/restore", body: { run_ids: [runId] } });
  return outcomeOf(answer, runId);
}

/** @param runId of one among several runs that the answer tells of. */
function outcomeOf({ status, body }: ViewerAnswer, runId?: string): EditOutcome {
  if (status === 405 || status === 501 || (status === 404 && wordsOf(body, "detail") === "Not Found"))
    return { kind: "unsupported" };
  if (status < 200 || status >= 300) return { kind: "refused", status, why: wordsOf(body, "detail") };
  if (runId === undefined) return { kind: "done" };
  const result = fieldOf(fieldOf(body, "results"), runId);
  if (fieldOf(result, "success") === true) return { kind: "done" };
  return { kind: "refused", status, why: wordsOf(result, "error") };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function wordsOf(value: unknown, name: string): string {
  const words = fieldOf(value, name);
  return typeof words === "string" ? words.slice(0, longestWords) : "";
}
