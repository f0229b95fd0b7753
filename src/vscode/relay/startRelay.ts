import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { createAllowedHosts } from "../../relay/command/allowedHosts.js";
import { checkMainServer } from "../../relay/wire/server.js";
import { setting } from "../kit/settings.js";
import type { Ui } from "../kit/ui.js";
import {
  allowsInsecure,
  type RelayAnswers,
  relayKeyName,
  relayOptions,
  rememberAnswers,
  rememberedAnswers,
} from "./relaySettings.js";

/**
 * Asks for the main server, our id and key, and the allowed hosts; then starts the agent.
 * @throws Cancelled, or Failure with a `RelayStartFailure`.
 */
export async function startRelay(ui: Ui): Promise<void> {
  await needTrust();
  const before = rememberedAnswers();
  const url = await ask(1, {
    value: before.url,
    prompt: l10n.t("Address of the main server, such as https://main.example or wss://main.example"),
    check: (text) => problemOf(() => checkMainServer({ ...probe, url: text })),
  });
  const proxyId = await ask(2, {
    value: before.proxyId,
    prompt: l10n.t("Proxy id known to the main server"),
    check: (text) => problemOf(() => checkMainServer({ ...probe, proxyId: text })),
  });
  const keyName = relayKeyName(url, proxyId);
  const kept = await ui.secrets.get(keyName);
  const typed = await ask(3, {
    hidden: true,
    prompt:
      kept === undefined
        ? l10n.t("API key. It is kept in the secret store.")
        : l10n.t("API key. Leave it empty to use the one in the secret store."),
    check: (text) =>
      text === "" && kept !== undefined
        ? undefined
        : problemOf(() => checkMainServer({ ...probe, apiKey: text })),
  });
  const hosts = await ask(4, {
    value: before.allowedHosts.join(", "),
    prompt: l10n.t(
      "Hosts that the main server may reach: names, *.lab, addresses, 10.0.0.0/8; commas between them",
    ),
    check: (text) =>
      listOf(text).length === 0
        ? l10n.t("Name one host at least: no other can be reached.")
        : problemOf(() => createAllowedHosts(listOf(text))),
  });
  const answers: RelayAnswers = { url, proxyId, allowedHosts: listOf(hosts) };
  const apiKey = typed === "" ? (kept ?? "") : typed;
  await needConsent(answers);
  const { relay } = await ui.app();
  await relay.start(relayOptions(answers, apiKey));
  await rememberAnswers(answers);
  if (typed !== "") await ui.secrets.store(keyName, typed);
}

/** Says in full what the main server will be able to do, and asks. @throws Cancelled unless the user agrees. */
async function needConsent({ url, allowedHosts }: RelayAnswers): Promise<void> {
  const server = displayText(new URL(url).host);
  const hosts = displayText(allowedHosts.join(", "));
  const expressions = setting("relay.allowedCommands");
  const question =
    expressions.length === 0
      ? l10n.t("{0} will be able to run any command as you on: {1}. Start the relay agent?", server, hosts)
      : l10n.t("{0} will be able to run some commands as you on: {1}. Start the relay agent?", server, hosts);
  const detail =
    expressions.length === 0
      ? l10n.t("The setting runicorn.relay.allowedCommands is empty, so commands are not limited.")
      : l10n.t("Commands that match: {0}", displayText(expressions.join("  ")));
  const [start, limit] = [l10n.t("Start"), l10n.t("Limit Commands…")];
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, start, limit);
  if (answer === limit)
    await vscode.commands.executeCommand("workbench.action.openSettings", "runicorn.relay.allowedCommands");
  if (answer !== start) throw new Cancelled();
}

/** Valid answers, to check one typed field at a time. */
const probe = {
  url: "https://main.invalid",
  proxyId: "id",
  apiKey: "k".repeat(64),
  get allowInsecure() {
    return allowsInsecure();
  },
};

/** Requires Workspace Trust: no untrusted workspace while a server's commands use the user's network. */
async function needTrust(): Promise<void> {
  if (vscode.workspace.isTrusted) return;
  const manage = l10n.t("Manage Workspace Trust");
  const text = l10n.t("The relay agent does not run in a folder that is not trusted.");
  const chosen = await vscode.window.showWarningMessage(text, manage);
  if (chosen === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  throw new Cancelled();
}

interface Question {
  readonly value?: string;
  readonly prompt: string;
  readonly hidden?: boolean;
  /** Returns an error message, if any. */
  readonly check: (text: string) => string | undefined;
}

async function ask(step: number, { value = "", prompt, hidden = false, check }: Question): Promise<string> {
  const answer = await vscode.window.showInputBox({
    title: l10n.t("Start Relay Agent ({0}/4)", step),
    value,
    prompt,
    password: hidden,
    ignoreFocusOut: true,
    validateInput: (text) => check(text.trim()),
  });
  if (answer === undefined) throw new Cancelled();
  return answer.trim();
}

function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { message, advice } = describeFailure(error.detail);
    return sentences(message, advice);
  }
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
