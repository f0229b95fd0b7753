import type { Duplex } from "node:stream";
import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { isSshFailure } from "../ssh/model/failures.js";
import type { FilesFailure } from "./failures.js";
import { type Answer, decodeAnswer, encodeInit, encodeRequest, packet } from "./sftpWire.js";

/** Bytes of one packet: what OpenSSH allows. A server that announces more is not one. */
const longestPacket = 256 * 1024;

/** An SFTP session. Requests may be sent without waiting for the answers of those before. */
export interface Sftp {
  /** @throws Failure `sftp-unavailable` when the session ends before the answer. */
  request(type: number, text: Uint8Array): Promise<Answer>;
  close(): void;
}

/**
 * Starts the server's SFTP subsystem.
 * @throws Failure `sftp-unavailable` where the server has none, an `SshFailure`, or Cancelled.
 */
export async function openSftp(connection: Connection, signal?: AbortSignal): Promise<Sftp> {
  const { host } = connection.target;
  const unavailable = (reason: string): Failure<FilesFailure> =>
    new Failure<FilesFailure>({ code: "sftp-unavailable", host, reason });
  const channel = await connection.subsystem("sftp", signal).catch((error: unknown) => {
    // What is refused otherwise is the session: the server has no place for it at this moment.
    const isRefused = isSshFailure(error, "channel-refused") && /subsystem/i.test(error.detail.reason);
    throw isRefused ? unavailable(error.detail.reason) : error;
  });
  return talk(channel, unavailable);
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

function talk(channel: Duplex, unavailable: (reason: string) => Failure<FilesFailure>): Promise<Sftp> {
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let over: Failure<FilesFailure> | undefined;

  return new Promise((resolve, reject) => {
    const end = (reason: string): void => {
      if (over) return;
      over = unavailable(reason);
      reject(over);
      for (const one of waiting.values()) one.reject(over);
      waiting.clear();
      channel.destroy();
    };
    const sftp: Sftp = {
      request: (type, text) =>
        new Promise((answered, failed) => {
          if (over) {
            failed(over);
            return;
          }
          const id = nextId++;
          waiting.set(id, { resolve: answered, reject: failed });
          channel.write(encodeRequest(type, id, text));
        }),
      close: () => end("closed"),
    };
    const onPacket = (body: Buffer): void => {
      if (body[0] === packet.version) {
        resolve(sftp);
        return;
      }
      const { id, answer } = decodeAnswer(body);
      waiting.get(id)?.resolve(answer);
      waiting.delete(id);
    };
    readPackets(channel, onPacket, end);
    channel.on("error", () => end("the channel failed"));
    channel.once("close", () => end("the channel was closed"));
    channel.write(encodeInit());
  });
}

/** Cuts the stream into packets. What a start-up file prints first looks like a huge packet, and ends the session. */
function readPackets(channel: Duplex, onPacket: (body: Buffer) => void, end: (reason: string) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  channel.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    try {
      while (pending.length >= 4) {
        const length = pending.readUInt32BE(0);
        if (length === 0 || length > longestPacket) {
          end("what answers is no SFTP server");
          return;
        }
        if (pending.length < 4 + length) return;
        onPacket(pending.subarray(4, 4 + length));
        pending = pending.subarray(4 + length);
      }
    } catch {
      end("a packet that cannot be read");
    }
  });
}
