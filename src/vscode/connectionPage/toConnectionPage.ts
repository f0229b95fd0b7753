import type { StartingStep } from "../viewers/page.js";
import { isStep } from "../viewers/page.js";
import {
  authentications,
  type Draft,
  problems,
  type Problem,
  type Problems,
  textFields,
  type TextField,
} from "./draft.js";

/** All texts of the page. */
export interface ConnectionTexts {
  readonly title: string;
  /** When changes take effect. */
  readonly intro: string;
  readonly groups: Readonly<Record<"host" | "login" | "way" | "viewer", string>>;
  readonly labels: Readonly<Record<TextField | "authentication", string>>;
  readonly hints: Readonly<Record<TextField, string>>;
  readonly authentications: Readonly<Record<Draft["authentication"], string>>;
  readonly problems: Readonly<Record<Problem, string>>;
  readonly browse: Readonly<Record<"keyFile" | "python" | "root", string>>;
  readonly saveFirst: string;
  readonly passwordSaved: string;
  readonly forgetPassword: string;
  readonly save: string;
  readonly revert: string;
  readonly test: string;
  readonly cancel: string;
  readonly testTitle: string;
  readonly unsaved: string;
  readonly mend: string;
}

/** What the page shows in addition to the fields. */
export interface PageFacts {
  /** Problems that only the extension finds. */
  readonly problems: Problems;
  /** A problem of the key file, which does not prevent saving. */
  readonly keyRemark: string;
  readonly hasPassword: boolean;
  /** Whether the host can be browsed: the saved connection has the same target. */
  readonly mayBrowse: boolean;
}

export interface TestView {
  readonly isRunning: boolean;
  /** The cause, or success; while running, the current step. */
  readonly headline: string;
  readonly advice: string;
  readonly output: string;
  readonly steps: readonly StartingStep[];
}

/** The state of the page that VS Code keeps. */
export interface KeptForm {
  readonly id: string;
  readonly base: Draft;
  readonly draft: Draft;
}

/** From the extension to the page. */
export type ToConnectionPage =
  | { readonly kind: "setup"; readonly texts: ConnectionTexts; readonly form: KeptForm }
  /**
   * New values for all fields, as a change of `from`: what was typed since then stays. `said` is shown, and announced to
   * screen readers.
   */
  | { readonly kind: "form"; readonly form: KeptForm; readonly from: Draft; readonly said: string }
  | { readonly kind: "facts"; readonly facts: PageFacts }
  | { readonly kind: "test"; readonly test: TestView };

/** Ignores foreign messages. Does without zod, which would be most of what the page loads. */
export function readToConnectionPage(message: unknown): ToConnectionPage | undefined {
  return isToPage(message) ? message : undefined;
}

function isToPage(message: unknown): message is ToConnectionPage {
  if (!isObject(message)) return false;
  const { kind, texts, form, from, said, facts, test } = message;
  switch (kind) {
    case "setup":
      return isObject(texts) && isForm(form);
    case "form":
      return isForm(form) && isDraft(from) && isText(said);
    case "facts":
      return isFacts(facts);
    case "test":
      return (
        isObject(test) &&
        typeof test["isRunning"] === "boolean" &&
        [test["headline"], test["advice"], test["output"]].every(isText) &&
        Array.isArray(test["steps"]) &&
        test["steps"].every(isStep)
      );
    default:
      return false;
  }
}

function isForm(form: unknown): form is KeptForm {
  return isObject(form) && isText(form["id"]) && isDraft(form["base"]) && isDraft(form["draft"]);
}

function isDraft(draft: unknown): draft is Draft {
  return (
    isObject(draft) &&
    textFields.every((field) => isText(draft[field])) &&
    authentications.includes(draft["authentication"] as Draft["authentication"])
  );
}

function isFacts(facts: unknown): facts is PageFacts {
  return (
    isObject(facts) &&
    isObject(facts["problems"]) &&
    Object.values(facts["problems"]).every((problem) => problems.includes(problem as Problem)) &&
    isText(facts["keyRemark"]) &&
    typeof facts["hasPassword"] === "boolean" &&
    typeof facts["mayBrowse"] === "boolean"
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
