import type { Duplex, Writable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { Failure } from "../../common/failure.js";
import { SessionRefused } from "../channel/sessions.js";
import type { RemoteProcess, RemoteProcessEnd } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import { hearChannelOpen } from "./channelOpenHook.js";
import { limitBacklog } from "./serverLimits.js";

/** The connection that carries the channel. */
export interface Carrying {
  readonly client: Client;
  /** As a person knows it. */
  readonly host: string;
  /** The failure that ended the connection, if that is why the channel closed. */
  readonly lost: () => Failure<SshFailure> | undefined;
}

/**
 * Starts one command on a channel of its own.
 * @param feed gives it the beginning of its standard input.
 * @throws SessionRefused, Failure `channel-refused`, or the one that `lost` tells.
 */
export function spawnOn(
  carrying: Carrying,
  command: string,
  feed: (stdin: Writable) => void = () => undefined,
): Promise<RemoteProcess> {
  const { client, lost } = carrying;
  return open(
    carrying,
    (done) => hearChannelOpen(client, () => client.exec(command, done), feed),
    (channel) => {
      limitBacklog(channel.stderr, () => client.destroy());
      return processOn(channel, lost);
    },
  );
}

/**
 * Starts a subsystem on a channel of its own.
 * @throws SessionRefused, Failure `channel-refused`, or the one that `lost` tells.
 */
export function subsystemOn(carrying: Carrying, name: string): Promise<Duplex> {
  return open(
    carrying,
    (done) => carrying.client.subsys(name, done),
    (channel) => channel,
  );
}

type Request = (done: (error: Error | undefined, channel: ClientChannel) => void) => void;

/** `adopt` listens at once: what a short command has to tell may be in the same packet. */
async function open<T>(
  { client, host, lost }: Carrying,
  request: Request,
  adopt: (channel: ClientChannel) => T,
): Promise<T> {
  try {
    // Rejects too where ssh2 throws, because its socket is already going.
    return await new Promise<T>((resolve, reject) => {
      request((error, channel) => {
        if (error) {
          reject(error);
          return;
        }
        limitBacklog(channel, () => client.destroy());
        resolve(adopt(channel));
      });
    });
  } catch (error) {
    const failure = lost();
    if (failure) throw failure;
    const { message } = error as Error;
    if (isChannelRefused(error)) throw new SessionRefused(message);
    throw new Failure<SshFailure>({ code: "channel-refused", host, reason: message });
  }
}

/** As opposed to a refused request (exec, subsystem) on an open channel. */
function isChannelRefused(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}

function processOn(channel: ClientChannel, lost: () => Failure<SshFailure> | undefined): RemoteProcess {
  let exit: { code: number | undefined; signal: string | undefined } | undefined;
  channel.on("exit", (code: number | null, name?: string) => {
    exit = { code: code ?? undefined, signal: name?.replace(/^SIG/, "") };
  });
  const exited = new Promise<void>((resolve) => void channel.once("exit", () => resolve()));
  channel.on("error", () => undefined);
  channel.stderr.on("error", () => undefined);
  const ended = new Promise<RemoteProcessEnd>((resolve) => {
    channel.once("close", () => {
      const failure = exit === undefined ? lost() : undefined;
      if (failure) resolve({ kind: "lost", failure });
      else resolve({ kind: "exited", code: exit?.code, signal: exit?.signal });
    });
  });
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    ended,
    exited,
    kill: () => {
      // A signal for servers that honour it; closing makes the command's streams end in any case.
      channel.signal("TERM");
      channel.close();
    },
  };
}
