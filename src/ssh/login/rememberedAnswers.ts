import { type Interaction, type PassphraseRequest, type Subject, unattended } from "../model/interaction.js";

/** The user's answers while connecting, kept in memory only, to reconnect without asking. */
export interface RememberedAnswers {
  /** Asks the person what is not remembered. */
  readonly attended: Interaction;
  /** Answers from memory alone and asks nobody. One-time codes are never remembered. */
  readonly alone: Interaction;
  /** Forgets PINs, one of which may be wrong: a security key locks itself after a few wrong PINs. */
  forgetPins(): void;
  /** Forgets all answers: they were wrong, or the connection is closed on purpose. */
  forget(): void;
}

export function rememberAnswers(person: Interaction): RememberedAnswers {
  const secrets = new Map<string, string>();
  const keep = async (name: string, ask: () => Promise<string | undefined>): Promise<string | undefined> => {
    const answer = secrets.get(name) ?? (await ask());
    if (answer !== undefined) secrets.set(name, answer);
    return answer;
  };
  const ofKey = (kind: "passphrase" | "pin"): Interaction["passphrase"] => {
    return (request, signal) => {
      const name = nameOf(kind, request);
      if (request.again) secrets.delete(name);
      return keep(name, () => person[kind](request, signal));
    };
  };
  const known = (kind: "passphrase" | "pin"): Interaction["passphrase"] => {
    return (request) => Promise.resolve(request.again ? undefined : secrets.get(nameOf(kind, request)));
  };
  const passwordOf = ({ user, host, port }: Subject): string => `password ${user}@${host}:${port}`;
  return {
    attended: {
      ...person,
      password: (request, signal) => keep(passwordOf(request), () => person.password(request, signal)),
      passphrase: ofKey("passphrase"),
      pin: ofKey("pin"),
    },
    alone: {
      ...unattended,
      password: (request) => Promise.resolve(secrets.get(passwordOf(request))),
      passphrase: known("passphrase"),
      pin: known("pin"),
    },
    forgetPins: () => {
      for (const name of [...secrets.keys()].filter((one) => one.startsWith("pin "))) secrets.delete(name);
    },
    forget: () => secrets.clear(),
  };
}

function nameOf(kind: "passphrase" | "pin", { identityFile }: PassphraseRequest): string {
  return `${kind} ${identityFile}`;
}
