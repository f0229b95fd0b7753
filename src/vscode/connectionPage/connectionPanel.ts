import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { SavedConnection } from "../../savedConnections.js";
import { agreeToImported } from "../flows/connect.js";
import { connectionCommandIds } from "../kit/commandIds.js";
import { reporting } from "../kit/reportFailure.js";
import { passwordsIn } from "../kit/secrets.js";
import type { Ui } from "../kit/ui.js";
import { dressPanel } from "../page/dressPanel.js";
import { applyDraft } from "./applyDraft.js";
import { type BrowsedField, browse } from "./browse.js";
import { connectionTexts } from "./connectionTexts.js";
import { testConnection } from "./testConnection.js";
import {
  type Draft,
  draftOf,
  isSame,
  loginFields,
  type Problems,
  problemsOf,
  rebase,
  targetOf,
} from "./draft.js";
import { type FromConnectionPage, readFromConnectionPage } from "./fromConnectionPage.js";
import { keyRemark } from "./keyRemark.js";
import type { KeptForm, TestView, ToConnectionPage } from "./toConnectionPage.js";

/** The form of one connection, in a tab. Owns the draft, which the page shows. */
export class ConnectionPanel {
  readonly #ui: Ui;
  readonly #app: App;
  readonly #panel: vscode.WebviewPanel;
  #form: KeptForm;
  #saved: SavedConnection | undefined;
  #keyRemark = "";
  #test: TestView | undefined;
  #stopTest: (() => void) | undefined;
  #isGone = false;

  constructor(
    ui: Ui,
    app: App,
    panel: vscode.WebviewPanel,
    form: KeptForm,
    saved: SavedConnection | undefined,
  ) {
    this.#ui = ui;
    this.#app = app;
    this.#panel = panel;
    this.#form = form;
    this.#saved = saved;
    const { webview } = panel;
    webview.onDidReceiveMessage((received: unknown) => {
      const message = readFromConnectionPage(received);
      if (message) this.#hear(message);
    });
    const following = app.savedConnections.onDidChange(() => void this.#follow());
    panel.onDidDispose(() => {
      this.#isGone = true;
      following.dispose();
      this.#stopTest?.();
    });
    dressPanel(ui, panel, "connection");
    this.#showTitle();
    void this.#look();
  }

  get id(): string {
    return this.#form.id;
  }

  get form(): KeptForm {
    return this.#form;
  }

  get isChanged(): boolean {
    return !isSame(this.#form.draft, this.#form.base);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** @returns whether it was saved; the form shows problems. */
  async save(): Promise<boolean> {
    const { base, draft, id } = this.#form;
    if (Object.keys(problemsOf(draft)).length > 0) return false;
    const seen: { before?: SavedConnection | undefined; after?: SavedConnection } = {};
    await this.#app.savedConnections.change(id, (now, all) => {
      seen.before = now;
      const wanted = applyDraft(now, base, draft);
      const isTaken = wanted.id !== now?.id && all.some((one) => one.id === wanted.id);
      if (isTaken) return undefined;
      seen.after = wanted;
      return wanted;
    });
    const { before, after } = seen;
    if (!after) {
      void this.#look();
      return false;
    }
    await forgetPasswordsOf(before, after, this.#ui, this.#app);
    // The user may have typed on.
    this.#takeOver(after, rebase(this.#form.draft, draft, draftOf(after)), l10n.t("Saved."));
    return true;
  }

  #hear(message: FromConnectionPage): void {
    switch (message.kind) {
      case "ready":
        this.#post({ kind: "setup", texts: connectionTexts(), form: this.#form });
        if (this.#test) this.#post({ kind: "test", test: this.#test });
        void this.#look();
        return;
      case "changed":
        this.#type(message.draft);
        return;
      case "save":
        this.#type(message.draft);
        void reporting(this.#ui, () => this.save());
        return;
      case "test":
        this.#type(message.draft);
        void reporting(this.#ui, () => this.#runTest());
        return;
      case "cancel":
        this.#stopTest?.();
        return;
      case "browse":
        void reporting(this.#ui, () => this.#browse(message.field));
        return;
      case "forget-password":
        if (this.#saved)
          void vscode.commands.executeCommand(connectionCommandIds.forgetPassword, {
            data: { saved: this.#saved },
          });
    }
  }

  #type(draft: Draft): void {
    const keyBefore = this.#form.draft.keyFile;
    this.#form = { ...this.#form, draft };
    this.#showTitle();
    void this.#look(keyBefore !== draft.keyFile);
  }

  async #browse(field: BrowsedField): Promise<void> {
    const { draft } = this.#form;
    if (field !== "keyFile" && !this.#mayBrowse()) return;
    const chosen = await browse(this.#ui, this.#app, field, draft);
    if (chosen === undefined) return;
    const from = this.#form.draft;
    this.#form = { ...this.#form, draft: { ...from, [field]: chosen } };
    this.#post({ kind: "form", form: this.#form, from, said: "" });
    this.#showTitle();
    await this.#look(field === "keyFile");
  }

  async #runTest(): Promise<void> {
    const { draft, base } = this.#form;
    if (this.#stopTest || Object.keys(problemsOf(draft)).length > 0) return;
    const stop = new AbortController();
    this.#stopTest = () => stop.abort(new Cancelled());
    try {
      // An imported connection needs consent, whatever host is in the form by now.
      if (this.#saved) await agreeToImported(this.#app, this.#saved.target);
      const saved = applyDraft(this.#saved, base, draft);
      await testConnection(this.#ui, this.#app, saved, stop.signal, (test) => {
        this.#test = test;
        this.#post({ kind: "test", test });
      });
    } finally {
      this.#stopTest = undefined;
    }
  }

  /** Called when a connection was saved, here or in another window. */
  async #follow(): Promise<void> {
    const { id } = this.#form;
    const saved = await this.#app.savedConnections.get(id);
    // Saving may have changed the id meanwhile.
    if (id !== this.#form.id) return;
    this.#saved = saved;
    const now = saved && draftOf(saved);
    if (saved && now && !isSame(now, this.#form.base))
      this.#takeOver(saved, rebase(this.#form.draft, this.#form.base, now), "");
    else void this.#look();
  }

  #takeOver(saved: SavedConnection, draft: Draft, said: string): void {
    this.#saved = saved;
    const from = this.#form.draft;
    this.#form = { id: saved.id, base: draftOf(saved), draft };
    this.#post({ kind: "form", form: this.#form, from, said });
    this.#showTitle();
    void this.#look();
  }

  /** Checks what only the extension can. @param isOtherKey whether the key file changed. */
  async #look(isOtherKey = true): Promise<void> {
    const { draft, id } = this.#form;
    const problems: Problems = problemsOf(draft);
    const isTaken = problems.host === undefined && (await this.#isTaken(draft, id));
    if (isOtherKey) this.#keyRemark = problems.keyFile ? "" : await keyRemark(draft.keyFile.trim());
    // A later check covers the new draft.
    if (draft !== this.#form.draft) return;
    this.#post({
      kind: "facts",
      facts: {
        problems: isTaken ? { host: "host-taken" } : {},
        keyRemark: this.#keyRemark,
        hasPassword: (this.#saved?.passwords ?? []).length > 0,
        mayBrowse: this.#mayBrowse(),
      },
    });
  }

  async #isTaken(draft: Draft, id: string): Promise<boolean> {
    if (Object.keys(problemsOf(draft)).some((field) => field === "user" || field === "port")) return false;
    const other = savedIdOf(targetOf(draft));
    return other !== id && (await this.#app.savedConnections.get(other)) !== undefined;
  }

  #mayBrowse(): boolean {
    return this.#saved !== undefined && isSame(this.#form.draft, this.#form.base, loginFields);
  }

  #showTitle(): void {
    if (this.#isGone) return;
    const name = displayText(this.#form.base.name || this.#form.base.host);
    const title = l10n.t("Connection {0}", name.slice(0, longestTitle));
    this.#panel.title = this.isChanged ? `● ${title}` : title;
  }

  #post(message: ToConnectionPage): void {
    if (!this.#isGone) void this.#panel.webview.postMessage(message);
  }
}

/** Maximum characters of a name in the tab's title. */
const longestTitle = 60;

/** Forgets passwords when the target changes, except those that another connection uses. */
async function forgetPasswordsOf(
  before: SavedConnection | undefined,
  after: SavedConnection,
  { secrets }: Ui,
  { savedConnections }: App,
): Promise<void> {
  if (!before || before.id === after.id) return;
  const used = new Set((await savedConnections.list()).flatMap(({ passwords = [] }) => passwords));
  for (const name of before.passwords ?? []) if (!used.has(name)) await passwordsIn(secrets).forget(name);
}
