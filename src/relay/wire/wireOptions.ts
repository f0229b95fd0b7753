/** Milliseconds until the main server must have taken the connection. */
export const handshakeLimit = 10_000;
/** Bytes of one message from the main server: the longest command, key and password, escaped. */
export const longestFrame = 8 * 1024 * 1024;

export interface WireOptions {
  /** Certificates of the authorities that are trusted, PEM; undefined: those of Node. */
  readonly ca: string[] | undefined;
  /** The HTTP proxy on the way, which may hold a login; undefined: none. */
  readonly proxy: URL | undefined;
  /** Milliseconds between two pings of a plain WebSocket. Socket.IO servers ping by themselves. */
  readonly heartbeat: number;
}
