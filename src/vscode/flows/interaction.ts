import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/bytes.js";
import type { Interaction, Subject } from "../../ssh/interaction.js";
import { type Passwords } from "../secrets.js";
import { askAboutHostKey } from "./hostKeyQuestion.js";
import { askForSecret } from "./secretInput.js";

/** The name under which a password is kept. */
export function passwordSubject({ user, host, port }: Subject): string {
  return `${user}@${host}:${port}`;
}

function subjectName({ user, host, onTheWayTo }: Subject): string {
  const name = displayText(`${user}@${host}`);
  return onTheWayTo === undefined ? name : l10n.t("{0} (on the way to {1})", name, displayText(onTheWayTo));
}

/** VS Code's prompts as the answerer of a connect, and what is to be done about passwords once it is over. */
export function createInteraction(passwords: Passwords): {
  readonly interaction: Interaction;
  /** Keeps what was asked to be kept. */
  readonly succeeded: () => Promise<void>;
  /** Forgets a kept password that was tried: it is wrong by now. */
  readonly failed: () => Promise<void>;
} {
  let toKeep: { readonly subject: string; readonly password: string } | undefined;
  let usedKept: string | undefined;
  return {
    interaction: {
      confirmHostKey: askAboutHostKey,
      password: async (request, signal) => {
        const subject = passwordSubject(request);
        const kept = await passwords.get(subject);
        if (kept !== undefined) {
          usedKept = subject;
          return kept;
        }
        const title = l10n.t("Password for {0}", subjectName(request));
        const prompt = l10n.t("It is sent to this host only.");
        const { value, keep } = await askForSecret(
          { title, prompt, hidden: true, offerToKeep: true },
          signal,
        );
        if (keep) toKeep = { subject, password: value };
        return value;
      },
      passphrase: async (request, signal) => {
        const title = l10n.t("Passphrase for {0}", displayText(request.identityFile));
        const prompt = request.again
          ? l10n.t("That was not it. Please try again.")
          : l10n.t("It unlocks the private key and is not sent anywhere.");
        return (await askForSecret({ title, prompt, hidden: true, offerToKeep: false }, signal)).value;
      },
      pin: async (request, signal) => {
        const title = l10n.t("PIN of the security key of {0}", displayText(request.identityFile));
        const prompt = request.again
          ? l10n.t("That was not it. Please try again.")
          : l10n.t("It unlocks the security key and is not sent anywhere.");
        return (await askForSecret({ title, prompt, hidden: true, offerToKeep: false }, signal)).value;
      },
      keyboardInteractive: async (request, signal) => {
        const answers: string[] = [];
        for (const { prompt, echo } of request.prompts) {
          const title = displayText(request.name) || l10n.t("{0} asks", subjectName(request));
          const text = [request.instruction, prompt].map((part) => displayText(part).trim()).filter(Boolean);
          const question = { title, prompt: text.join(" "), hidden: !echo, offerToKeep: false };
          answers.push((await askForSecret(question, signal)).value);
        }
        return answers;
      },
    },
    succeeded: async () => {
      if (toKeep) await passwords.keep(toKeep.subject, toKeep.password);
    },
    failed: async () => {
      if (usedKept !== undefined) await passwords.forget(usedKept);
    },
  };
}
