import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { hostKeyOf } from "../../src/ssh/hostKeys/knownHostsFile.js";
import type { HostKey } from "../../src/ssh/model/hostKeys.js";
import ssh2 from "ssh2";
import { makeKey } from "./sshd.js";

/** One round of questions (RFC 4256), with texts that no real server could be made to send. */
export interface Round {
  readonly name: string;
  readonly instruction: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo: boolean }[];
}

/** An SSH server that asks whoever logs in, notes the answers, and lets nobody in. */
export interface AskingServer {
  readonly port: number;
  readonly hostKey: HostKey;
  readonly answers: readonly (readonly string[])[];
  stop(): Promise<void>;
}

/**
 * @param folder for its host key.
 * @param released until then it waits after each answer. Default: it does not.
 */
export async function startAskingServer(
  folder: string,
  round: Round,
  released: Promise<unknown> = Promise.resolve(),
): Promise<AskingServer> {
  const file = join(folder, `asking-server-${randomBytes(4).toString("hex")}`);
  makeKey(file, "ed25519", "");
  const [type = "", base64 = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
  const answers: string[][] = [];
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [await readFile(file)] }, (client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (attempt) => {
      if (attempt.method !== "keyboard-interactive") return attempt.reject(["keyboard-interactive"]);
      attempt.prompt([...round.prompts], round.name, round.instruction, (given) => {
        answers.push(given);
        void released.then(() => attempt.reject([]));
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: hostKeyOf(type, Buffer.from(base64, "base64")),
    answers,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const client of clients) client.end();
      await closed;
    },
  };
}
