import type { HostKey } from "../../ssh/model/hostKeys.js";
import { isSshFailure, type SshFailure } from "../../ssh/model/failures.js";

/** A host key that was not trusted, and the host that presented it. */
export type OfferedKey = Extract<SshFailure, { code: "host-key-not-trusted" | "host-key-rejected" }>;

/** Host keys that were recently reported to clients. No other key may be accepted. */
export interface OfferedKeys {
  /** Runs the work, and remembers the host key if it fails for one. @throws what the work throws. */
  notedFrom<T>(work: () => Promise<T>): Promise<T>;
  /** @param name as known_hosts names the host. */
  find(name: string, key: HostKey): OfferedKey | undefined;
}

/** Milliseconds that a client has to ask its user. */
const answerLimit = 600_000;
/** Maximum number of keys; the oldest is dropped. */
const mostNoted = 1_000;

/** @param now a monotonic clock in milliseconds. */
export function createOfferedKeys(now: () => number = () => performance.now()): OfferedKeys {
  const noted = new Map<string, { readonly offer: OfferedKey; readonly at: number }>();
  const note = (offer: OfferedKey): void => {
    const id = idOf(offer.knownHostsName, offer.key);
    noted.delete(id);
    noted.set(id, { offer, at: now() });
    const [oldest] = noted.keys();
    if (noted.size > mostNoted && oldest !== undefined) noted.delete(oldest);
  };
  return {
    notedFrom: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (isSshFailure(error, "host-key-not-trusted", "host-key-rejected")) note(error.detail);
        throw error;
      }
    },
    find: (name, key) => {
      const found = noted.get(idOf(name, key));
      return found && now() - found.at <= answerLimit ? found.offer : undefined;
    },
  };
}

function idOf(name: string, { type, base64 }: HostKey): string {
  return `${name} ${type} ${base64}`;
}
