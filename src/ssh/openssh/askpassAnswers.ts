import { aborted } from "../../common/async/pause.js";
import type { AskpassAnswerer, AskpassQuestion } from "./askpass.js";
import type { Credentials } from "../model/connectRequest.js";
import type { Interaction, Subject } from "../model/interaction.js";

/** What we understand of what ssh asks; everything else is refused. */
export type AskpassPrompt =
  | { readonly kind: "passphrase"; readonly identityFile: string }
  | { readonly kind: "pin"; readonly identityFile: string }
  /** A security key waits to be touched. */
  | { readonly kind: "touch" }
  | { readonly kind: "unknown" };

/** Characters of a file's name in a question; longer ones belong to no key of ours. */
const longestName = 1_024;
/** Bytes of a file's name in ssh's question about its passphrase. */
const longestNameInPassphrasePrompt = 100;

/**
 * Never answers a password prompt, a host key prompt, or anything that a server could have written.
 * @param identityFiles those that ssh was told to use: it cuts a long name off.
 */
export function readAskpassPrompt(
  { prompt, hint }: Pick<AskpassQuestion, "prompt" | "hint">,
  identityFiles: readonly string[],
): AskpassPrompt {
  if (hint === "none") {
    return /^Confirm user presence for key \S+ \S+$/.test(prompt) ? { kind: "touch" } : { kind: "unknown" };
  }
  if (hint !== "" || prompt.length > longestName) return { kind: "unknown" };
  const named = /^Enter passphrase for key '([^\p{Cc}]+)': $/u.exec(prompt)?.[1];
  if (named !== undefined) {
    const whole = identityFiles.find((file) => asInPassphrasePrompt(file) === named);
    return { kind: "passphrase", identityFile: whole ?? named };
  }
  const withPin = /^Enter PIN for (?:ED25519|ECDSA)-SK(?:-CERT)? key ([^\p{Cc}]+): $/u.exec(prompt)?.[1];
  return withPin === undefined ? { kind: "unknown" } : { kind: "pin", identityFile: withPin };
}

/** As our program reads it: half a character at the end is no character. */
function asInPassphrasePrompt(file: string): string {
  return Buffer.from(file).subarray(0, longestNameInPassphrasePrompt).toString("utf8");
}

export interface AskpassAnswers {
  readonly subject: Subject;
  readonly identityFiles: readonly string[];
  readonly credentials: Credentials;
  readonly interaction: Interaction;
  /** Hears when a security key begins and ends to wait for a touch. */
  readonly onTouch: (waits: boolean) => void;
  /** Asks the user; pauses all timers meanwhile. */
  readonly asking: <T>(question: () => Promise<T>) => Promise<T>;
}

/** How often a person may mistype, for each ssh that asks. */
const tries = 3;

/** Answers ssh's questions about keys: with what the caller gave, then with what the person says. */
export function answerAskpass(answers: AskpassAnswers): AskpassAnswerer {
  const { subject, identityFiles, credentials, interaction, onTouch, asking } = answers;
  const askedBefore = new Map<string, number>();
  return async (question, gone) => {
    const asked = readAskpassPrompt(question, identityFiles);
    switch (asked.kind) {
      case "unknown":
        return undefined;
      case "touch":
        onTouch(true);
        await aborted(gone);
        onTouch(false);
        return undefined;
      case "passphrase":
      case "pin": {
        const { kind, identityFile } = asked;
        const name = JSON.stringify([question.asker, kind, identityFile]);
        const before = askedBefore.get(name) ?? 0;
        askedBefore.set(name, before + 1);
        if (before >= tries) return undefined;
        const given = kind === "passphrase" ? credentials.passphrase : undefined;
        if (given !== undefined && before === 0) return given;
        return asking(() => interaction[kind]({ ...subject, identityFile, again: before > 0 }, gone));
      }
    }
  };
}
