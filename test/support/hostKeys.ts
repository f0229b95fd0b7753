import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostKey } from "../../src/ssh/model/hostKeys.js";
import { hostKeyOf } from "../../src/ssh/hostKeys/knownHostsFile.js";
import { makeKey } from "./sshd.js";

export type TestHostKeys = Readonly<Record<"a" | "b" | "rsa", HostKey>>;

/** Two keys of one type and one of another; their files lie in the folder under these names. */
export async function makeHostKeys(folder: string): Promise<TestHostKeys> {
  const make = async (name: string, type: string): Promise<HostKey> => {
    makeKey(join(folder, name), type, "");
    const [keyType = "", base64 = ""] = (await readFile(join(folder, `${name}.pub`), "utf8"))
      .trim()
      .split(" ");
    return hostKeyOf(keyType, Buffer.from(base64, "base64"));
  };
  return { a: await make("a", "ed25519"), b: await make("b", "ed25519"), rsa: await make("rsa", "rsa") };
}

/** A line of known_hosts. */
export function knownHostsLine(hosts: string, key: HostKey): string {
  return `${hosts} ${key.type} ${key.base64}`;
}
