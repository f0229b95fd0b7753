import {
  type Draft,
  isSame,
  type Problems,
  problemsOf,
  rebase,
  type TextField,
} from "../src/vscode/connectionPage/draft.js";
import type { FromConnectionPage } from "../src/vscode/connectionPage/fromConnectionPage.js";
import {
  type ConnectionTexts,
  type KeptForm,
  type PageFacts,
  readToConnectionPage,
} from "../src/vscode/connectionPage/toConnectionPage.js";
import "./connection.css";
import { type Choice, createChoice } from "./choice.js";
import { element } from "./element.js";
import { createField, type Field, pressable } from "./field.js";
import { onMessage } from "./messages.js";
import { createTestSection } from "./testSection.js";
import { registerFormElements } from "./toolkit.js";

declare function acquireVsCodeApi(): {
  postMessage(message: FromConnectionPage): void;
  setState(state: KeptForm): void;
};

const vscode = acquireVsCodeApi();
const page = document.getElementById("page") ?? document.body;
const status = element("p", "status");
status.setAttribute("role", "status");

/** The form, created when the texts have arrived. */
interface Form {
  readonly texts: ConnectionTexts;
  readonly fields: Readonly<Record<TextField, Field>>;
  readonly authentication: Choice<Draft["authentication"]>;
  readonly test: ReturnType<typeof createTestSection>;
  readonly password: HTMLElement;
  readonly browsers: readonly HTMLElement[];
  kept: KeptForm;
  facts: PageFacts;
  /** A message of the extension, until the next input. */
  told: string;
}

let form: Form | undefined;
const nothingKnown: PageFacts = { problems: {}, keyRemark: "", hasPassword: false, mayBrowse: false };

function setUp(texts: ConnectionTexts, kept: KeptForm): Form {
  document.title = texts.title;
  const fieldOf = (name: TextField, side?: HTMLElement): Field =>
    createField({
      name,
      label: texts.labels[name],
      hint: texts.hints[name],
      side,
      hasManyLines: name === "lines",
      onInput: typed,
    });
  const browsing = (field: "keyFile" | "python" | "root"): HTMLElement =>
    pressable(texts.browse[field], `${texts.browse[field]} ${texts.labels[field]}`, () =>
      vscode.postMessage({ kind: "browse", field }),
    );
  const browsers = { keyFile: browsing("keyFile"), python: browsing("python"), root: browsing("root") };
  const fields: Form["fields"] = {
    name: fieldOf("name"),
    host: fieldOf("host"),
    user: fieldOf("user"),
    port: fieldOf("port"),
    keyFile: fieldOf("keyFile", browsers.keyFile),
    jump: fieldOf("jump"),
    lines: fieldOf("lines"),
    python: fieldOf("python", browsers.python),
    root: fieldOf("root", browsers.root),
    localPort: fieldOf("localPort"),
  };
  const authentication = createChoice(texts.labels.authentication, texts.authentications, typed);
  const password = element("p", "hint", texts.passwordSaved);
  password.append(
    " ",
    pressable(texts.forgetPassword, "", () => vscode.postMessage({ kind: "forget-password" })),
  );
  const test = createTestSection(texts);
  const made: Form = {
    texts,
    fields,
    authentication,
    test,
    password,
    browsers: [browsers.python, browsers.root],
    kept,
    facts: nothingKnown,
    told: "",
  };
  const content = element("form", "");
  content.noValidate = true;
  content.addEventListener("submit", (event) => event.preventDefault());
  content.append(
    element("h1", "", texts.title),
    element("p", "intro", texts.intro),
    group(texts.groups.host, fields.name, fields.host, pair(fields.user, fields.port)),
    group(texts.groups.login, authentication, fields.keyFile, { element: password }),
    group(texts.groups.way, fields.jump),
    group(texts.groups.viewer, fields.lines, fields.python, fields.root, fields.localPort),
    test.element,
    buttons(made),
  );
  page.replaceChildren(content);
  return made;
}

function group(title: string, ...parts: readonly { readonly element: HTMLElement }[]): HTMLElement {
  const made = element("fieldset", "");
  made.append(element("legend", "", title), ...parts.map((part) => part.element));
  return made;
}

/** Puts two short fields side by side. */
function pair(...parts: readonly { readonly element: HTMLElement }[]): { readonly element: HTMLElement } {
  const made = element("div", "pair");
  made.append(...parts.map((part) => part.element));
  return { element: made };
}

function buttons(made: Form): HTMLElement {
  const { texts, test } = made;
  const row = element("div", "buttons");
  const saving = pressable(texts.save, "", save);
  saving.setAttribute("appearance", "primary");
  const testing = pressable(texts.test, "", () => {
    if (isReady()) vscode.postMessage({ kind: "test", draft: typedDraft(made) });
  });
  const reverting = pressable(texts.revert, "", () => {
    fill(made, { ...made.kept, draft: made.kept.base });
    typed();
  });
  const cancelling = pressable(texts.cancel, "", () => vscode.postMessage({ kind: "cancel" }));
  test.drivenBy(testing, cancelling);
  row.append(saving, testing, cancelling, reverting, status);
  return row;
}

function typedDraft({ fields, authentication }: Form): Draft {
  const texts = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
  return { ...(texts as Record<TextField, string>), authentication: authentication.value };
}

function fill(made: Form, kept: KeptForm): void {
  made.kept = kept;
  for (const [name, field] of Object.entries(made.fields)) field.value = kept.draft[name as TextField];
  made.authentication.value = kept.draft.authentication;
  vscode.setState(kept);
  showState(made);
}

/** Takes new values into the fields in which nothing was typed since `from`, which the extension knew. */
function takeOver(made: Form, kept: KeptForm, from: Draft): void {
  const draft = rebase(typedDraft(made), from, kept.draft);
  fill(made, { ...kept, draft });
  if (!isSame(draft, kept.draft)) vscode.postMessage({ kind: "changed", draft });
}

/** Handles input. */
function typed(): void {
  if (!form) return;
  const draft = typedDraft(form);
  if (isSame(draft, form.kept.draft)) {
    showState(form);
    return;
  }
  form.kept = { ...form.kept, draft };
  form.told = "";
  // The extension's findings are about the previous input.
  form.facts = { ...form.facts, problems: {}, keyRemark: "" };
  vscode.setState(form.kept);
  vscode.postMessage({ kind: "changed", draft });
  showState(form);
}

function showState(made: Form): void {
  const { kept, facts, fields, texts } = made;
  const found: Problems = { ...facts.problems, ...problemsOf(kept.draft) };
  for (const [name, field] of Object.entries(fields)) {
    const problem = found[name as TextField];
    field.show(problem === undefined ? "" : texts.problems[problem]);
  }
  fields.keyFile.remark(facts.keyRemark);
  made.password.hidden = !facts.hasPassword;
  for (const button of made.browsers) {
    button.toggleAttribute("disabled", !facts.mayBrowse);
    button.title = facts.mayBrowse ? "" : texts.saveFirst;
  }
  say(isSame(kept.draft, kept.base) ? made.told : texts.unsaved);
}

function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

/** Validates the form. Otherwise, shows the errors and focuses the first one. */
function isReady(): boolean {
  if (!form) return false;
  const fields = Object.values(form.fields);
  for (const field of fields) field.reveal();
  const wrong = fields.find((field) => field.isWrong);
  if (!wrong) return true;
  say(form.texts.mend);
  wrong.focus();
  return false;
}

function save(): void {
  if (form && isReady()) vscode.postMessage({ kind: "save", draft: typedDraft(form) });
}

onMessage(readToConnectionPage, (message) => {
  if (message.kind === "setup") {
    form = setUp(message.texts, message.form);
    fill(form, message.form);
    return;
  }
  if (!form) return;
  switch (message.kind) {
    case "form":
      form.told = message.said || form.told;
      takeOver(form, message.form, message.from);
      return;
    case "facts":
      form.facts = message.facts;
      showState(form);
      return;
    case "test":
      form.test.show(message.test);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  save();
});
registerFormElements();
vscode.postMessage({ kind: "ready" });
