import type { ServerChannel } from "ssh2";
import type { Hostility } from "./hostileSshServer.js";

/** A request that came from the program. */
export interface AskedOfHelper {
  readonly op: "scan" | "read" | "digests" | "cancel";
  readonly id: number;
  /** Of a read: path, offset and so on. */
  readonly files?: readonly (readonly unknown[])[];
}

/** What a helper that means no good says. */
export interface HostileHelper {
  readonly channel: ServerChannel;
  /** Writes one frame as it is agreed on; `length`: another one than that of its payload. */
  frame(kind: string, id: number, payload: Buffer | string, length?: number): void;
  say(id: number, facts: object): void;
}

/** A host whose helper answers like this; it is told of each request. */
export function hostileHelper(answer: (helper: HostileHelper, asked: AskedOfHelper) => void): Hostility {
  return {
    exec: (channel) =>
      onScript(channel, (tag, onRequest) => {
        const frame: HostileHelper["frame"] = (kind, id, payload, length) => {
          const bytes = Buffer.from(payload as string);
          channel.write(Buffer.concat([Buffer.from(header(kind, tag, id, length ?? bytes.length)), bytes]));
        };
        const say = (id: number, facts: object): void => frame("J", id, JSON.stringify(facts));
        frame("J", 0, "python");
        onRequest((asked) => answer({ channel, frame, say }, asked));
      }),
  };
}

/** A host without Python, whose tools print what this writes, each time that they are started. */
export function hostileTools(print: (channel: ServerChannel, tag: string) => void): Hostility {
  let isFirst = true;
  return {
    exec: (channel) =>
      onScript(channel, (tag) => {
        if (isFirst) channel.write(`${header("J", tag, 0, 4)}none`);
        else print(channel, tag);
        isFirst = false;
      }),
  };
}

function header(kind: string, tag: string, id: number, length: number): string {
  return `${kind} ${tag} ${id} ${length}\n`;
}

/** Reads the script, prints what it prints first, and then reads requests. */
function onScript(
  channel: ServerChannel,
  began: (tag: string, onRequest: (take: (asked: AskedOfHelper) => void) => void) => void,
): void {
  let text = "";
  let hasBegun = false;
  let take: (asked: AskedOfHelper) => void = () => undefined;
  channel.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const [, sentinel] = /'(<<[0-9a-f]{24})'/.exec(text) ?? [];
    const [, tag] = /'([0-9a-f]{16})'/.exec(text) ?? [];
    if (!hasBegun && sentinel !== undefined && tag !== undefined) {
      hasBegun = true;
      channel.write(`${sentinel}\n`);
      began(tag, (wanted) => (take = wanted));
    }
    if (!hasBegun) return;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith('{"op":"')) take(JSON.parse(line) as AskedOfHelper);
  });
}
