import { encodeBytes } from "../../common/text/bytes.js";
import { ForeignFrame } from "../../ssh/channel/taggedFrames.js";
import { encodeStreamFrame, type StreamFrame, StreamFrameDecoder } from "./streamFrames.js";
import { firstWindow, HostStream } from "./hostStream.js";
import { createWindowBudget } from "./windowBudget.js";

/** Where a stream leads on the host: the path of a socket, or a port of 127.0.0.1. */
export type HostAddress = { readonly socket: string } | { readonly port: number };

/** What the host said to a wish for a stream: an error by its name in errno(3), and its words. */
export class StreamRefused extends Error {}

/** Streams at once. Others wait for one of them to be gone. */
const mostStreams = 256;

/** Many streams over one pair of pipes. */
export interface Streams {
  /** @throws StreamRefused with the host's own words, or what {@link Streams.end} was told. */
  open(address: HostAddress): Promise<HostStream>;
  /** What the host sent. @throws ForeignFrame: then nothing more may be fed, and {@link Streams.end} be called. */
  feed(piece: Buffer): void;
  /** Cuts all that is under way. */
  end(why: Error): void;
  /** Those that the host has not closed. */
  readonly count: number;
}

/**
 * @param tag stands behind each frame.
 * @param write sends bytes to the host, and calls back when the next ones may follow.
 */
export function createStreams(tag: Buffer, write: (bytes: Buffer, done?: () => void) => void): Streams {
  const decoder = new StreamFrameDecoder(tag);
  const budget = createWindowBudget();
  const streams = new Map<number, HostStream>();
  const refusals = new Map<number, (why: Error) => void>();
  let waiting: { readonly admit: () => void; readonly refuse: (why: Error) => void }[] = [];
  let lastId = 0;
  let over: Error | undefined;

  const forget = (id: number): void => {
    streams.delete(id);
    waiting.shift()?.admit();
  };

  const take = (frame: StreamFrame): void => {
    const stream = streams.get(frame.id);
    if (!stream) throw new ForeignFrame("it spoke of a stream that there is not");
    stream.hear(frame);
    if (!stream.isClosed) return;
    forget(frame.id);
    refusals.get(frame.id)?.(new StreamRefused(frame.payload.toString("latin1")));
    refusals.delete(frame.id);
  };

  const openNow = (address: HostAddress): Promise<HostStream> =>
    new Promise((resolve, reject) => {
      const id = (lastId += 1);
      const stream = new HostStream(
        (kind, payload = empty, done) => write(encodeStreamFrame(kind, id, payload, tag), done),
        budget,
        () => {
          refusals.delete(id);
          resolve(stream);
        },
      );
      // Whoever has it listens too: one that nobody has yet is refused.
      stream.on("error", () => undefined);
      budget.enter(firstWindow);
      streams.set(id, stream);
      refusals.set(id, reject);
      write(encodeStreamFrame("O", id, target(address), tag));
    });

  return {
    open: async (address) => {
      if (streams.size >= mostStreams)
        await new Promise<void>((admit, refuse) => waiting.push({ admit, refuse }));
      if (over) throw over;
      return openNow(address);
    },
    feed: (piece) => decoder.feed(piece, take),
    end: (why) => {
      over ??= why;
      const [open, refused, behind] = [[...streams.values()], [...refusals.values()], waiting];
      streams.clear();
      refusals.clear();
      waiting = [];
      for (const stream of open) stream.close("the way to the host is gone");
      for (const refuse of refused) refuse(why);
      for (const { refuse } of behind) refuse(why);
    },
    get count() {
      return streams.size;
    },
  };
}

const empty = Buffer.alloc(0);

function target(address: HostAddress): Buffer {
  return "port" in address ? Buffer.from(`t${address.port}`) : encodeBytes(`s${address.socket}`);
}
