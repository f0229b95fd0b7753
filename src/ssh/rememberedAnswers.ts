import { type Interaction, type Subject, unattended } from "./interaction.js";

/** What a person answered while connecting, in memory only, so that the same connection can be opened again. */
export interface RememberedAnswers {
  /** Asks the person what is not remembered. */
  readonly attended: Interaction;
  /** Answers from memory alone and asks nobody. One-time codes are never remembered. */
  readonly alone: Interaction;
  /** They were wrong, or the connection is not wanted any more. */
  forget(): void;
}

export function rememberAnswers(person: Interaction): RememberedAnswers {
  const secrets = new Map<string, string>();
  const keep = async (name: string, ask: () => Promise<string | undefined>): Promise<string | undefined> => {
    const answer = secrets.get(name) ?? (await ask());
    if (answer !== undefined) secrets.set(name, answer);
    return answer;
  };
  const passwordOf = ({ user, host, port }: Subject): string => `password ${user}@${host}:${port}`;
  return {
    attended: {
      ...person,
      password: (request, signal) => keep(passwordOf(request), () => person.password(request, signal)),
      passphrase: (request, signal) => {
        const name = `passphrase ${request.identityFile}`;
        if (request.again) secrets.delete(name);
        return keep(name, () => person.passphrase(request, signal));
      },
    },
    alone: {
      ...unattended,
      password: (request) => Promise.resolve(secrets.get(passwordOf(request))),
      passphrase: ({ identityFile, again }) =>
        Promise.resolve(again ? undefined : secrets.get(`passphrase ${identityFile}`)),
    },
    forget: () => secrets.clear(),
  };
}
