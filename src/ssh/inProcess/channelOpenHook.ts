import type { Client, ClientChannel } from "ssh2";

type Opened = (error: unknown, channel: ClientChannel | undefined) => void;
/** What ssh2 keeps of a channel that is asked for: called when the server has answered. */
type Waiting = Opened & { type?: string };

/** The part of ssh2 that numbers channels. */
interface ChannelManager {
  add(waiting: Waiting): number;
}

/**
 * Hears when the channel that `request` asks for is open and what is to run there was requested. ssh2 itself tells only
 * when the server has answered that too, a round trip later.
 */
export function hearChannelOpen(
  client: Client,
  request: () => void,
  onOpen: (channel: ClientChannel) => void,
): void {
  const { _chanMgr: channels } = client as unknown as { readonly _chanMgr: ChannelManager };
  // The method itself is the prototype's.
  const unhook = (): void => void Reflect.deleteProperty(channels, "add");
  channels.add = (waiting) => {
    unhook();
    const hearing: Waiting = (error, channel) => {
      waiting(error, channel);
      if (channel) onOpen(channel);
    };
    if (waiting.type !== undefined) hearing.type = waiting.type;
    return channels.add(hearing);
  };
  try {
    request();
  } finally {
    unhook();
  }
}
