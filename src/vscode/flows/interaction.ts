import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import type { Interaction, Subject } from "../../ssh/model/interaction.js";
import { serverLines, subjectName } from "../../messages/serverWords.js";
import { type Passwords } from "../kit/secrets.js";
import { askAboutHostKey } from "./hostKeyQuestion.js";
import { showNotice } from "./loginNotice.js";
import { askForSecret } from "./secretInput.js";

/** The name under which a password is kept. */
export function passwordSubject({ user, host, port }: Subject): string {
  return `${user}@${host}:${port}`;
}

/**
 * Creates an interaction with VS Code's prompts, and callbacks that save or forget passwords afterwards.
 * @param report shows a line during the login.
 */
export function createInteraction(
  passwords: Passwords,
  report: (message: string) => void = () => undefined,
): {
  readonly interaction: Interaction;
  /** Saves passwords that the user wants to keep. @returns the names of saved passwords that were used. */
  readonly succeeded: () => Promise<readonly string[]>;
  /** Forgets a saved password that was tried and rejected. */
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
          ? l10n.t("Wrong passphrase. Try again.")
          : l10n.t("It unlocks the private key and is not sent anywhere.");
        return (await askForSecret({ title, prompt, hidden: true, offerToKeep: false }, signal)).value;
      },
      pin: async (request, signal) => {
        const title = l10n.t("PIN of the security key of {0}", displayText(request.identityFile));
        const prompt = request.again
          ? l10n.t("Wrong PIN. Try again.")
          : l10n.t("It unlocks the security key and is not sent anywhere.");
        return (await askForSecret({ title, prompt, hidden: true, offerToKeep: false }, signal)).value;
      },
      keyboardInteractive: async (request, signal) => {
        const answers: string[] = [];
        for (const { prompt, echo } of request.prompts) {
          // Our own title: otherwise a server could imitate our prompt for the passphrase of a key.
          const title = l10n.t("{0} asks", subjectName(request));
          const said = serverLines(request.name, request.instruction, prompt).join(" ");
          const question = {
            title,
            prompt: l10n.t("The server says: {0}", said),
            hidden: !echo,
            offerToKeep: false,
          };
          answers.push((await askForSecret(question, signal)).value);
        }
        return answers;
      },
      notify: (notice) => showNotice(notice, report),
    },
    succeeded: async () => {
      if (toKeep) await passwords.keep(toKeep.subject, toKeep.password);
      return [usedKept, toKeep?.subject].filter((subject) => subject !== undefined);
    },
    failed: async () => {
      if (usedKept !== undefined) await passwords.forget(usedKept);
    },
  };
}
