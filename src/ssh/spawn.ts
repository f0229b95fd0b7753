import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { Failure } from "../common/failure.js";
import type { RemoteProcess, RemoteProcessEnd } from "./connection.js";
import type { SshFailure } from "./failures.js";

/** Milliseconds before each new try: a busy server still counts sessions whose end it has told already. */
const patience: readonly number[] = [20, 100, 500];

/**
 * Starts one command on a channel of its own.
 * @param lost tells the failure when the channel goes because the connection did.
 * @throws Failure `channel-refused`, or the one that `lost` tells.
 */
export function spawnOn(
  client: Client,
  command: string,
  host: string,
  lost: () => Failure<SshFailure> | undefined,
): Promise<RemoteProcess> {
  return openPatiently(
    (done) => client.exec(command, done),
    (channel) => processOn(channel, lost),
    host,
    lost,
  );
}

/**
 * Starts a subsystem on a channel of its own.
 * @throws Failure `channel-refused`, or the one that `lost` tells.
 */
export function subsystemOn(
  client: Client,
  name: string,
  host: string,
  lost: () => Failure<SshFailure> | undefined,
): Promise<Duplex> {
  return openPatiently(
    (done) => client.subsys(name, done),
    (channel) => channel,
    host,
    lost,
  );
}

type Request = (done: (error: Error | undefined, channel: ClientChannel) => void) => void;

async function openPatiently<T>(
  request: Request,
  adopt: (channel: ClientChannel) => T,
  host: string,
  lost: () => Failure<SshFailure> | undefined,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await open(request, adopt);
    } catch (error) {
      const failure = lost();
      if (failure) throw failure;
      const { message } = error as Error;
      const pause = patience[tries];
      if (pause === undefined || !isChannelRefused(error)) {
        throw new Failure<SshFailure>({ code: "channel-refused", host, reason: message });
      }
      await delay(pause);
    }
  }
}

/**
 * `adopt` listens at once: what a short command has to tell may be in the same packet. Rejects too where ssh2 throws,
 * because its socket is already going.
 */
function open<T>(request: Request, adopt: (channel: ClientChannel) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    request((error, channel) => {
      if (error) reject(error);
      else resolve(adopt(channel));
    });
  });
}

/** As opposed to what was asked for on a channel that the server opened. */
function isChannelRefused(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}

function processOn(channel: ClientChannel, lost: () => Failure<SshFailure> | undefined): RemoteProcess {
  let exit: { code: number | undefined; signal: string | undefined } | undefined;
  channel.on("exit", (code: number | null, name?: string) => {
    exit = { code: code ?? undefined, signal: name?.replace(/^SIG/, "") };
  });
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
    kill: () => {
      // A signal for servers that honour it; closing makes the command's streams end in any case.
      channel.signal("TERM");
      channel.close();
    },
  };
}
