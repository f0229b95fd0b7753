import type { HostKeyQuestion } from "./hostKeys.js";

/** Who is being asked about, for the wording of a question. */
export interface Subject {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** Set for a jump host: the host that it leads to. */
  readonly onTheWayTo?: string | undefined;
}

export interface PassphraseRequest extends Subject {
  readonly identityFile: string;
  /** The last passphrase for this file was wrong. */
  readonly again: boolean;
}

/** The PIN of a security key, which locks itself after a few wrong ones; `identityFile` is the file that names it. */
export type PinRequest = PassphraseRequest;

/** A password is asked for once per connect: a wrong one is a failure, never a retry (servers ban for that). */
export type PasswordRequest = Subject;

/** One round of keyboard-interactive (RFC 4256); texts come from the server and are hostile. */
export interface KeyboardInteractiveRequest extends Subject {
  readonly name: string;
  readonly instruction: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo: boolean }[];
}

/** What is told while somebody logs in and needs no answer here. */
export type LoginNotice =
  /** A banner, or that the login must be confirmed elsewhere; the texts come from the server and are hostile. */
  | {
      readonly kind: "server";
      readonly subject: Subject;
      readonly texts: readonly string[];
      /** Asks for nothing to be typed: the server waits for something that happens elsewhere. */
      readonly isInstruction: boolean;
    }
  /** Takes a connection and says nothing: its keys are not offered. */
  | { readonly kind: "silent-agent"; readonly address: string };

/**
 * Answers what only a person can. VS Code asks with its prompts; where nobody can be asked, every answer is
 * `undefined` or `"refuse"`, and connecting fails with the failure that names the question.
 * No timer runs while an answer is awaited. `signal` aborts when the connect is cancelled or the link is lost.
 */
export interface Interaction {
  confirmHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<"trust" | "refuse">;
  password(request: PasswordRequest, signal: AbortSignal): Promise<string | undefined>;
  passphrase(request: PassphraseRequest, signal: AbortSignal): Promise<string | undefined>;
  pin(request: PinRequest, signal: AbortSignal): Promise<string | undefined>;
  keyboardInteractive(
    request: KeyboardInteractiveRequest,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /** Shows it at once. @returns whether a person sees it, who can end the login. */
  notify(notice: LoginNotice): boolean;
}

/** Never asks. */
export const unattended: Interaction = {
  confirmHostKey: () => Promise.resolve("refuse"),
  password: () => Promise.resolve(undefined),
  passphrase: () => Promise.resolve(undefined),
  pin: () => Promise.resolve(undefined),
  keyboardInteractive: () => Promise.resolve(undefined),
  notify: () => false,
};
