import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import * as l10n from "@vscode/l10n";
import { displayText } from "../common/bytes.js";
import type { HostKeyQuestion } from "../ssh/hostKeys.js";
import type { Interaction } from "../ssh/interaction.js";

export interface InteractionOptions {
  /** Trusted without a question. */
  readonly acceptHostKey: string | undefined;
  /** Given once, when the server asks for a password. */
  readonly password: string | undefined;
  /** Whether a person sits at the terminal. Without one nothing is ever asked. */
  readonly attended: boolean;
}

/** Answers from the command line and the environment first, then from the person at the terminal, if there is one. */
export function terminalInteraction(options: InteractionOptions): Interaction {
  const { attended } = options;
  return {
    confirmHostKey: async (question, signal) => {
      if (options.acceptHostKey !== undefined) {
        return question.key.fingerprint === options.acceptHostKey ? "trust" : "refuse";
      }
      return attended ? askHostKey(question, signal) : "refuse";
    },
    password: async ({ user, host, onTheWayTo }, signal) => {
      // It is the host's: a jump host must not hear it.
      if (options.password !== undefined && onTheWayTo === undefined) return options.password;
      return attended
        ? ask(l10n.t("Password for {0}@{1}: ", user, host), { hidden: true, signal })
        : undefined;
    },
    passphrase: async ({ identityFile }, signal) => {
      const text = l10n.t("Passphrase for {0}: ", displayText(identityFile));
      return attended ? ask(text, { hidden: true, signal }) : undefined;
    },
    pin: async ({ identityFile }, signal) => {
      const text = l10n.t("PIN of the security key of {0}: ", displayText(identityFile));
      return attended ? ask(text, { hidden: true, signal }) : undefined;
    },
    keyboardInteractive: async ({ instruction, prompts }, signal) => {
      if (!attended) return undefined;
      if (instruction) process.stderr.write(`${displayText(instruction)}\n`);
      const answers: string[] = [];
      for (const { prompt, echo } of prompts) {
        answers.push(await ask(displayText(prompt), { hidden: !echo, signal }));
      }
      return answers;
    },
  };
}

async function askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<"trust" | "refuse"> {
  const { host, port, key } = question;
  process.stderr.write(
    `${l10n.t("The host key of {0} (port {1}) is not known.", displayText(host), port)}\n`,
  );
  process.stderr.write(`${key.type} ${key.fingerprint}\n`);
  const answer = await ask(l10n.t('Type "yes" to trust it: '), { hidden: false, signal });
  return answer.trim() === "yes" ? "trust" : "refuse";
}

/** Asks on standard error, so that standard output stays for results. */
async function ask(text: string, how: { hidden: boolean; signal: AbortSignal }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: process.stdin,
    output: how.hidden ? nowhere : process.stderr,
    terminal: true,
  });
  // Not before: until then the terminal shows what is typed.
  process.stderr.write(text);
  try {
    return await reader.question("", { signal: how.signal });
  } finally {
    reader.close();
    if (how.hidden) process.stderr.write("\n");
  }
}
