import { Emitter } from "../../common/async/event.js";
import { hostKeyOf } from "../../ssh/hostKeys/knownHostsFile.js";
import type { KnownHosts } from "../../ssh/hostKeys/knownHosts.js";

/** A key pair, in OpenSSH's file formats. */
interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** The keys of one connection into a job, made for it and never written to disk on this machine. */
export interface SessionKeys {
  /** The host key of the sshd in the job. */
  readonly host: KeyPair;
  /** The user's key. */
  readonly person: KeyPair;
}

export async function makeSessionKeys(): Promise<SessionKeys> {
  const { default: ssh2 } = await import("ssh2");
  const make = (): KeyPair => ssh2.utils.generateKeyPairSync("ed25519", { comment: "runicorn-remote" });
  return { host: make(), person: make() };
}

/** Known hosts that accept one key only, for any host name. */
export function pinned(publicKey: string): KnownHosts {
  const [type = "", base64 = ""] = publicKey.split(" ");
  const key = hostKeyOf(type, Buffer.from(base64, "base64"));
  const never = (): Promise<never> => Promise.reject(new Error("keys of jobs are not kept"));
  return {
    file: "",
    onDidChange: new Emitter<void>().event,
    changed: [],
    verify: (_name, offered) =>
      Promise.resolve(
        offered.base64 === key.base64
          ? { kind: "match" }
          : { kind: "changed", known: [{ key, file: "the key of this session", line: 1 }] },
      ),
    knownTypes: () => Promise.resolve([type]),
    filesFor: () => [],
    list: () => Promise.resolve([]),
    missingFrom: () => Promise.resolve([]),
    add: never,
    remove: never,
    replace: never,
    addBeside: never,
    addAll: never,
  };
}
