import { PassThrough, type Writable } from "node:stream";
import { beforeEach, expect, it } from "vitest";
import { type Channels, createChannels, type OwnSession } from "../../../../src/ssh/channel/channels.js";
import type { RemoteProcess } from "../../../../src/ssh/model/connection.js";

/** A process that says nothing; its kill ends it. */
function silentProcess(): RemoteProcess {
  let end: (how: { kind: "exited"; code: number; signal: undefined }) => void = () => undefined;
  const ended = new Promise((resolve) => (end = resolve));
  const kill = (): void => end({ kind: "exited", code: 255, signal: undefined });
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  return { ...streams, ended, kill } as unknown as RemoteProcess;
}

let spawned: string[];
beforeEach(() => {
  spawned = [];
});

const channelsWith = (own?: OwnSession): Channels =>
  createChannels(
    "gpu",
    () => undefined,
    {
      spawn: (command: string, feed: (stdin: Writable) => void) => {
        spawned.push(command);
        const process = silentProcess();
        feed(process.stdin);
        return Promise.resolve(process);
      },
      subsystem: () => Promise.reject(new Error("none")),
    },
    own,
  );
const script = Buffer.from("echo\n");

it("the held shell of a connection takes a session, and another one where it hangs", async () => {
  const { heldShell } = channelsWith();
  for (const times of [1, 2]) {
    await expect(heldShell.run(script, { timeout: 50 })).rejects.toMatchObject({
      detail: { code: "exec-timed-out", host: "gpu" },
    });
    expect(spawned).toEqual(Array.from({ length: times }, () => "exec /bin/sh -s"));
  }
});

it("the held shell of a connection with a session of its own runs there alone, and stays", async () => {
  let opened = 0;
  const openShell = (): Promise<RemoteProcess> => {
    opened += 1;
    return Promise.resolve(silentProcess());
  };
  const { heldShell } = channelsWith({ openShell });
  for (let turn = 0; turn < 2; turn += 1)
    await expect(heldShell.run(script, { timeout: 50 })).rejects.toMatchObject({
      detail: { code: "exec-timed-out" },
    });
  expect([opened, spawned]).toEqual([1, []]);
});
