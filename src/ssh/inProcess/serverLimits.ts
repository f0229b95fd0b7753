import type { Duplex, Readable } from "node:stream";

/** Bytes that a server may send until its host key is there: its greeting and the key exchange. */
const longestGreeting = 1024 * 1024;
/** Bytes that a server may send until somebody is logged in: banners and questions. */
const longestLogin = 8 * 1024 * 1024;
/** Bytes that may wait to be sent: more than the windows of all channels that have anything to send. */
const longestQueue = 16 * 1024 * 1024;
/** Packets that may wait to be sent. A small one takes a kilobyte of memory, however few bytes it has. */
const mostQueued = 50_000;
/** Bytes that may wait to be read from one channel: a window is 2 MiB, and a server may send no more than that. */
const longestBacklog = 8 * 1024 * 1024;

type WriteCallback = (error: Error | null | undefined) => void;

/** What a server may send in each part of a connection. */
export interface ServerLimits {
  /** The host's key was shown. */
  keyShown(): void;
  loggedIn(): void;
}

/**
 * Counts what a server sends, and what waits for it. ssh2 itself takes whatever comes for as long as it comes.
 * @param onTooMuch hears of it once; the link must be given up then.
 */
export function limitServer(stream: Duplex, onTooMuch: () => void): ServerLimits {
  const queue = countQueued(stream);
  let received = 0;
  let limit: number | undefined = longestGreeting;
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    const tooMuch = limit !== undefined && received > limit;
    // A server that sends requests and never reads our replies would fill our memory.
    if (!tooMuch && stream.writableLength <= longestQueue && queue.length <= mostQueued) return;
    stream.off("data", onData);
    onTooMuch();
  };
  stream.on("data", onData);
  return {
    keyShown: () => {
      received = 0;
      limit = longestLogin;
    },
    loggedIn: () => (limit = undefined),
  };
}

/** Counts the writes to a stream that it has not passed on yet. */
function countQueued(stream: Duplex): { readonly length: number } {
  const queue = { length: 0 };
  const write = stream.write.bind(stream);
  const passed = (callback: WriteCallback | undefined, error: Error | null | undefined): void => {
    queue.length -= 1;
    callback?.(error);
  };
  stream.write = (chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback) => {
    queue.length += 1;
    if (typeof encoding === "string") return write(chunk, encoding, (error) => passed(callback, error));
    return write(chunk, (error) => passed(encoding ?? callback, error));
  };
  return queue;
}

/**
 * Watches that a server keeps to the window of a channel: ssh2 keeps what comes beyond it for a reader that is slow.
 * @param onIgnored hears of it; the link must be given up then.
 */
export function limitBacklog(channel: Readable, onIgnored: () => void): void {
  const push = channel.push.bind(channel);
  channel.push = (chunk, encoding) => {
    if (channel.readableLength <= longestBacklog) return push(chunk, encoding);
    onIgnored();
    return false;
  };
}
