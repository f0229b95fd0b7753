import { execFileSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A security key in software, which OpenSSH takes as it takes one that blinks. */
export interface SecurityKey {
  /** For `SecurityKeyProvider`. */
  readonly provider: string;
  readonly pin: string;
  /** Makes a key pair whose private half stays in the device. */
  makeKey(path: string, options?: { readonly verifyRequired?: boolean; readonly passphrase?: string }): void;
  /** Touches it, once and for all signatures until `release`. */
  touch(): Promise<void>;
  release(): Promise<void>;
  /** What it did: `signed`, `wrong PIN`. */
  log(): Promise<string[]>;
}

/** @returns why it cannot be made here. */
export function makeSecurityKey(folder: string, pin: string): SecurityKey | string {
  const [provider, touched, log] = ["device.so", "touched", "device.log"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const source = fileURLToPath(new URL("securityKey.c", import.meta.url));
  const defined = { PIN: pin, TOUCHED: touched, LOG: log };
  const definitions = Object.entries(defined).map(([name, value]) => `-D${name}=${JSON.stringify(value)}`);
  try {
    const args = ["-shared", "-fPIC", "-o", provider, ...definitions, source, "-lcrypto"];
    execFileSync("cc", args, { stdio: "pipe" });
  } catch (error) {
    return `no C compiler with the headers of libcrypto: ${error instanceof Error ? error.message.slice(0, 200) : ""}`;
  }
  return {
    provider,
    pin,
    makeKey: (path, { verifyRequired = false, passphrase = "" } = {}) => {
      const options = verifyRequired ? ["-O", "verify-required"] : [];
      const args = ["-q", "-t", "ed25519-sk", ...options, "-w", provider, "-N", passphrase, "-f", path];
      execFileSync("ssh-keygen", args, { stdio: "pipe" });
    },
    touch: () => writeFile(touched, ""),
    release: () => rm(touched, { force: true }),
    log: async () => (await readFile(log, "utf8").catch(() => "")).split("\n").filter(Boolean),
  };
}
