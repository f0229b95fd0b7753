import type * as ssh2Module from "ssh2";
import type { AnyAuthMethod, AuthenticationType, BaseAgent, NextAuthHandler, ParsedKey } from "ssh2";
import type { Identity } from "./identities.js";
import type { Interaction, Subject } from "../model/interaction.js";

type Ssh2 = typeof ssh2Module;

/** What was offered and what the server still wants, for the failure that names it. */
export interface AuthenticationTrace {
  readonly tried: readonly string[];
  readonly remaining: readonly string[];
}

/** A key, nothing at all, or what a person or the caller answered. */
export type Accepted = Identity | "nothing" | "answers";

export interface AuthenticationPlan {
  readonly ssh2: Ssh2;
  readonly subject: Subject;
  readonly identities: readonly Identity[];
  /** Given by the caller: tried without asking. */
  readonly password: string | undefined;
  /** The methods that may be used, the preferred first. */
  readonly methods: readonly string[];
  readonly interaction: Interaction;
  readonly signal: AbortSignal;
  /** Asks the user; pauses all timers meanwhile. */
  readonly asking: <T>(question: () => Promise<T>) => Promise<T>;
  /** Whether what only a person can answer may be asked for after the keys; if not, the attempt ends. */
  readonly mayAsk: () => boolean;
  /** Ends the attempt: the user cancelled (then with an error), or nobody can answer what the server asks. */
  readonly abandon: (error?: unknown) => void;
}

/**
 * Chooses the next authentication request (RFC 4252): first `none`, to learn which methods the server accepts, then
 * each key once, then keyboard-interactive and password, once each. A failed method is never repeated: servers ban for
 * that. After a partial success, continues with the methods that the server still wants.
 */
export function planAuthentication(plan: AuthenticationPlan): {
  readonly handler: (
    left: AuthenticationType[] | null,
    partial: boolean | null,
    next: NextAuthHandler,
  ) => void;
  /** To be called when the server says what it still wants: ssh2 does not tell its handler after a key. */
  readonly onFailure: (left: readonly string[], partial: boolean) => void;
  readonly trace: () => AuthenticationTrace;
  /** What the server took, once the connection is open; several where it wanted several factors. */
  readonly accepted: () => readonly Accepted[];
} {
  const tried: string[] = [];
  let remaining: readonly string[] | undefined;
  const keys = [...plan.identities];
  const spent = new Set<string>();
  const username = plan.subject.user;
  let current: Accepted = "nothing";
  const factors: Accepted[] = [];

  const request: Readonly<Record<string, () => Promise<AnyAuthMethod | undefined>>> = {
    publickey: () => {
      const identity = keys.shift();
      if (!identity) return Promise.resolve(undefined);
      tried.push(`publickey (${identity.label})`);
      current = identity;
      return Promise.resolve({ type: "agent", username, agent: agentOf(identity, plan) });
    },
    "keyboard-interactive": () => {
      if (spent.has("keyboard-interactive")) return Promise.resolve(undefined);
      spent.add("keyboard-interactive");
      tried.push("keyboard-interactive");
      current = "answers";
      // The server would check the same password twice.
      const prompt = promptOf(plan, () => spent.add("password"));
      return Promise.resolve({ type: "keyboard-interactive", username, prompt });
    },
    password: async () => {
      if (spent.has("password")) return undefined;
      spent.add("password");
      const password =
        plan.password ?? (await plan.asking(() => plan.interaction.password(plan.subject, plan.signal)));
      if (password === undefined) return undefined;
      tried.push("password");
      current = "answers";
      spent.add("keyboard-interactive");
      return { type: "password", username, password };
    },
  };

  const choose = async (left: readonly string[]): Promise<AnyAuthMethod | false> => {
    for (const method of plan.methods) {
      const wasLastKey = keys.length === 0 && factors.length === 0 && left.includes("publickey");
      if (method !== "publickey" && wasLastKey && !plan.mayAsk()) return false;
      const chosen = left.includes(method) ? await request[method]?.() : undefined;
      if (chosen) return chosen;
    }
    return false;
  };

  return {
    handler: (_left, _partial, next) => {
      if (remaining === undefined) {
        next({ type: "none", username });
        return;
      }
      choose(remaining).then(
        (method) => next(method as AnyAuthMethod),
        (error: unknown) => plan.abandon(error),
      );
    },
    onFailure: (left, partial) => {
      remaining = left;
      // Another factor: a second password or code is a new question, not a retry.
      if (!partial) return;
      spent.clear();
      factors.push(current);
    },
    accepted: () => [...factors, current],
    trace: () => ({ tried, remaining: remaining ?? [] }),
  };
}

/**
 * ssh2 asks an agent first whether the server would take a key, and only then for the signature. Each key gets an agent
 * of its own, so that a passphrase is asked for only when the server accepts that key.
 */
function agentOf(identity: Identity, { ssh2 }: AuthenticationPlan): BaseAgent {
  class OneIdentity extends ssh2.BaseAgent<ParsedKey> {
    override getIdentities(answer: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      if (identity.publicKey) {
        answer(undefined, [identity.publicKey]);
        return;
      }
      void identity.unlock?.().then((key) => answer(undefined, key ? [key] : []));
    }

    override sign(_key: ParsedKey, data: Buffer, ...rest: readonly unknown[]): void {
      const answer = rest.at(-1) as (error?: Error | null, signature?: Buffer) => void;
      const options = (rest.length > 1 ? rest[0] : {}) as { hash?: "sha1" | "sha256" | "sha512" };
      signWith(identity, data, options.hash).then(
        (signature) => answer(undefined, signature),
        (error: unknown) => answer(error instanceof Error ? error : new Error("not signed")),
      );
    }
  }
  return new OneIdentity();
}

async function signWith(
  identity: Identity,
  data: Buffer,
  hash: "sha1" | "sha256" | "sha512" | undefined,
): Promise<Buffer> {
  if (identity.signInAgent) return identity.signInAgent(data, hash);
  const key = await identity.unlock?.();
  const signature = key?.sign(data, hash);
  if (signature === undefined || signature instanceof Error) throw new Error("the key was not unlocked");
  return signature;
}

type Prompt = Extract<AnyAuthMethod, { type: "keyboard-interactive" }>["prompt"];

/** Characters: longer prompts are not about the password. */
const longestPasswordPrompt = 300;
/** Servers with PAM ask for the password in a prompt of this kind, some with the account before or behind it. */
const passwordPrompt = /^\s*(\(?\S+@\S+\)?('s)?\s+)?password( for \S+)?\s*:?\s*$/i;

function isPasswordPrompt(prompt: string): boolean {
  return prompt.length <= longestPasswordPrompt && passwordPrompt.test(prompt);
}

/** @param onPassword hears that the account's password was given as an answer. */
function promptOf(plan: AuthenticationPlan, onPassword: () => void): Prompt {
  let mayAskForPassword = true;
  const answer = async (
    name: string,
    instruction: string,
    prompts: readonly { readonly prompt: string; readonly echo: boolean }[],
  ): Promise<readonly string[] | undefined> => {
    const [only] = prompts;
    if (mayAskForPassword && prompts.length === 1 && only && !only.echo && isPasswordPrompt(only.prompt)) {
      // Once: a second prompt of the kind says that it was wrong, or means something else.
      mayAskForPassword = false;
      onPassword();
      const password = plan.password ?? (await plan.interaction.password(plan.subject, plan.signal));
      return password === undefined ? undefined : [password];
    }
    return plan.interaction.keyboardInteractive({ ...plan.subject, name, instruction, prompts }, plan.signal);
  };
  return (name, instruction, _language, prompts, finish) => {
    const shown = prompts.map(({ prompt, echo }) => ({ prompt, echo: echo === true }));
    plan
      .asking(() => answer(name, instruction, shown))
      .then(
        (answers) => (answers ? finish([...answers]) : plan.abandon()),
        (error: unknown) => plan.abandon(error),
      );
  };
}
