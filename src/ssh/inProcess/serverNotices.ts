import type { Client } from "ssh2";

/** What the server tells while it lets somebody in. */
export interface ServerNotice {
  readonly texts: readonly string[];
  /** Asks for nothing to be typed. */
  readonly isInstruction: boolean;
}

type Prompts = readonly unknown[] | undefined;

/** The part of ssh2's insides that is used here. It is pinned, and a test with such instructions holds it. */
interface WithHandlers {
  readonly _protocol: {
    readonly _handlers: {
      USERAUTH_INFO_REQUEST: (protocol: unknown, name: string, instruction: string, prompts: Prompts) => void;
    };
  };
}

/** A server has no more to say than this; what comes after is not heard. */
const mostNotices = 20;

/**
 * Hears banners, and instructions that come without a question, such as to confirm a login on a phone: ssh2 answers those
 * by itself and tells nobody.
 * @param client after `connect` was called on it.
 */
export function hearServerNotices(client: Client, listener: (notice: ServerNotice) => void): void {
  let heard = 0;
  const tell = (texts: readonly string[], isInstruction: boolean): void => {
    if (texts.some((text) => text.trim() !== "") && (heard += 1) <= mostNotices)
      listener({ texts, isInstruction });
  };
  client.on("banner", (text) => tell([text], false));
  const handlers = (client as unknown as WithHandlers)._protocol._handlers;
  const original = handlers.USERAUTH_INFO_REQUEST;
  handlers.USERAUTH_INFO_REQUEST = (protocol, name, instruction, prompts) => {
    if (!prompts?.length) tell([name, instruction], true);
    original(protocol, name, instruction, prompts);
  };
}
