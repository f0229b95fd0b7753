import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { Failure } from "../common/failure.js";
import type { RemoteProcess, RemoteProcessEnd } from "./connection.js";
import type { SshFailure } from "./failures.js";

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
  return new Promise((resolve, reject) => {
    const refuse = ({ message }: Error): void =>
      reject(lost() ?? new Failure<SshFailure>({ code: "channel-refused", host, reason: message }));
    try {
      client.exec(command, (error, channel) => (error ? refuse(error) : resolve(processOn(channel, lost))));
    } catch (error) {
      // ssh2 throws when its socket is already going.
      refuse(error as Error);
    }
  });
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
  return new Promise((resolve, reject) => {
    const refuse = ({ message }: Error): void =>
      reject(lost() ?? new Failure<SshFailure>({ code: "channel-refused", host, reason: message }));
    try {
      client.subsys(name, (error, channel) => {
        if (error) refuse(error);
        else resolve(channel);
      });
    } catch (error) {
      // ssh2 throws when its socket is already going.
      refuse(error as Error);
    }
  });
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
