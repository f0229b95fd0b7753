import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import * as l10n from "@vscode/l10n";
import { displayText } from "../common/text/displayText.js";
import { noticeTitle, serverLines, silentAgentWords, subjectName } from "../messages/serverWords.js";
import type { HostKeyQuestion } from "../ssh/model/hostKeys.js";
import type { Interaction } from "../ssh/model/interaction.js";

export interface InteractionOptions {
  /** `SHA256:…`: trusted without asking. */
  readonly acceptHostKey: string | undefined;
  /** Answer to the server's password prompt. */
  readonly password: string | undefined;
  /** Whether standard input is a terminal. Otherwise, nothing is asked. */
  readonly attended: boolean;
}

/** Answers from the command line and the environment first, then asks the user at the terminal, if there is one. */
export function terminalInteraction(options: InteractionOptions): Interaction {
  const { attended } = options;
  return {
    confirmHostKey: async (question, signal) => {
      if (options.acceptHostKey !== undefined) {
        return question.key.fingerprint === options.acceptHostKey ? "trust" : "refuse";
      }
      return attended ? askHostKey(question, signal) : "refuse";
    },
    password: async (request, signal) => {
      // The password is for the host: never send it to a jump host.
      if (options.password !== undefined && request.onTheWayTo === undefined) return options.password;
      const text = l10n.t("Password for {0}: ", subjectName(request));
      return attended ? ask(text, { hidden: true, signal }) : undefined;
    },
    passphrase: async ({ identityFile }, signal) => {
      const text = l10n.t("Passphrase for {0}: ", displayText(identityFile));
      return attended ? ask(text, { hidden: true, signal }) : undefined;
    },
    pin: async ({ identityFile }, signal) => {
      const text = l10n.t("PIN of the security key of {0}: ", displayText(identityFile));
      return attended ? ask(text, { hidden: true, signal }) : undefined;
    },
    keyboardInteractive: async (request, signal) => {
      if (!attended) return undefined;
      // Quote the server's text below our own, so that it cannot pose as us or as another host.
      process.stderr.write(`${l10n.t("{0} asks", subjectName(request))}\n`);
      quote(request.name, request.instruction);
      const answers: string[] = [];
      for (const { prompt, echo } of request.prompts) {
        quote(prompt);
        answers.push(await ask(l10n.t("Answer: "), { hidden: !echo, signal }));
      }
      return answers;
    },
    notify: (notice) => {
      if (notice.kind === "silent-agent") {
        process.stderr.write(`${silentAgentWords(notice.address)}\n`);
      } else {
        process.stderr.write(`${noticeTitle(notice.subject)}\n`);
        quote(...notice.texts);
      }
      return attended;
    },
  };
}

function quote(...texts: readonly string[]): void {
  for (const line of serverLines(...texts)) process.stderr.write(`  | ${line}\n`);
}

async function askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<"trust" | "refuse"> {
  const { host, port, key } = question;
  process.stderr.write(
    `${l10n.t("The host key of {0} (port {1}) is not known.", displayText(host), port)}\n`,
  );
  process.stderr.write(`${displayText(key.type)} ${key.fingerprint}\n`);
  const answer = await ask(l10n.t('Type "yes" to trust it: '), { hidden: false, signal });
  return answer.trim() === "yes" ? "trust" : "refuse";
}

/** Asks on standard error, so that standard output stays for results. */
export async function ask(text: string, how: { hidden: boolean; signal: AbortSignal }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: process.stdin,
    output: how.hidden ? nowhere : process.stderr,
    terminal: true,
  });
  // Prompt only now: before, the terminal would echo the input.
  process.stderr.write(text);
  try {
    return await reader.question("", { signal: how.signal });
  } finally {
    reader.close();
    if (how.hidden) process.stderr.write("\n");
  }
}
