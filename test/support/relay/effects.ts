import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sshd } from "../sshd.js";
import { frameFor } from "./agentRig.js";
import type { Frame } from "./peer.js";

/** Commands that count on their host how often they had an effect. */
export interface Effects {
  /** Each command leaves a line in a file of its own here. */
  readonly folder: string;
  /** @param then what the command does after its effect. It prints its id at the end. */
  command(then?: string): Promise<Frame & { readonly commandId: string }>;
  of(id: string): Promise<number>;
  dispose(): Promise<void>;
}

let count = 0;

export async function countEffects(host: Sshd): Promise<Effects> {
  const folder = await mkdtemp(join(tmpdir(), "effects-"));
  return {
    folder,
    command: async (then = ":") => {
      const commandId = `c${(count += 1)}`;
      const frame = await frameFor(host, `echo done >> '${folder}/${commandId}'; ${then}; echo ${commandId}`);
      return { ...frame, commandId };
    },
    of: async (id) => (await readFile(join(folder, id), "utf8").catch(() => "")).split("\n").length - 1,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
