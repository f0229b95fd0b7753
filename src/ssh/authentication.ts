import type * as ssh2Module from "ssh2";
import type { AnyAuthMethod, AuthenticationType, BaseAgent, NextAuthHandler, ParsedKey } from "ssh2";
import type { Identity } from "./identities.js";
import type { Interaction, Subject } from "./interaction.js";

type Ssh2 = typeof ssh2Module;

/** What was offered and what the server still wants, for the failure that names it. */
export interface AuthenticationTrace {
  readonly tried: readonly string[];
  readonly remaining: readonly string[];
}

export interface AuthenticationPlan {
  readonly ssh2: Ssh2;
  readonly subject: Subject;
  readonly identities: readonly Identity[];
  /** Given by the caller: tried without asking. */
  readonly password: string | undefined;
  readonly interaction: Interaction;
  readonly signal: AbortSignal;
  /** Runs a question to a person; no timer may run meanwhile. */
  readonly asking: <T>(question: () => Promise<T>) => Promise<T>;
  /** Ends the attempt: the person cancelled (the error says so), or nobody can answer what the server asks. */
  readonly abandon: (error?: unknown) => void;
}

/**
 * Decides the next authentication request each time the server asks for one (RFC 4252): first `none`, which tells what
 * the server accepts, then each key once, then keyboard-interactive or the password, once. A method that failed is
 * never repeated: servers ban for that. After a partial success the walk goes on with what the server still wants.
 */
export function planAuthentication(plan: AuthenticationPlan): {
  readonly handler: (
    left: AuthenticationType[] | null,
    partial: boolean | null,
    next: NextAuthHandler,
  ) => void;
  readonly trace: () => AuthenticationTrace;
} {
  const tried: string[] = [];
  let remaining: readonly string[] = [];
  const keys = [...plan.identities];
  const spent = new Set<string>();

  const choose = async (left: readonly string[]): Promise<AnyAuthMethod | false> => {
    const username = plan.subject.user;
    if (left.includes("publickey")) {
      const identity = keys.shift();
      if (identity) {
        tried.push(`publickey (${identity.label})`);
        return { type: "agent", username, agent: agentOf(identity, plan) };
      }
    }
    if (left.includes("password") && !spent.has("password")) {
      spent.add("password");
      const password =
        plan.password ?? (await plan.asking(() => plan.interaction.password(plan.subject, plan.signal)));
      if (password !== undefined) {
        tried.push("password");
        // A server that knows both would check the same password twice.
        spent.add("keyboard-interactive");
        return { type: "password", username, password };
      }
    }
    if (left.includes("keyboard-interactive") && !spent.has("keyboard-interactive")) {
      spent.add("keyboard-interactive");
      tried.push("keyboard-interactive");
      return { type: "keyboard-interactive", username, prompt: promptOf(plan) };
    }
    return false;
  };

  return {
    handler: (left, partial, next) => {
      if (left === null) {
        next({ type: "none", username: plan.subject.user });
        return;
      }
      remaining = left;
      if (partial) {
        // Another factor: a second password or code is a new question, not a retry.
        spent.clear();
      }
      choose(left).then(
        (method) => next(method as AnyAuthMethod),
        (error: unknown) => plan.abandon(error),
      );
    },
    trace: () => ({ tried, remaining }),
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

function promptOf(plan: AuthenticationPlan): Prompt {
  let passwordLeft = plan.password;
  return (name, instruction, _language, prompts, finish) => {
    // Many servers ask for the password this way: one hidden prompt, answered once from what the caller gave.
    const [only] = prompts;
    if (passwordLeft !== undefined && prompts.length === 1 && only?.echo !== true) {
      const answer = passwordLeft;
      passwordLeft = undefined;
      finish([answer]);
      return;
    }
    const request = {
      ...plan.subject,
      name,
      instruction,
      prompts: prompts.map(({ prompt, echo }) => ({ prompt, echo: echo === true })),
    };
    plan
      .asking(() => plan.interaction.keyboardInteractive(request, plan.signal))
      .then(
        (answers) => (answers ? finish([...answers]) : plan.abandon()),
        (error: unknown) => plan.abandon(error),
      );
  };
}
