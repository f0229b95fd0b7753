import { execFileSync } from "node:child_process";
import { findProgram } from "./packages.js";

/** A network of one machine that this one reaches, and that reaches nothing else. */
export interface LonelyNetwork {
  /** Its name space: what is started by `ip netns exec` is on it. */
  readonly namespace: string;
  /** The machine's address. */
  readonly address: string;
  /** Removes it, with all that is on it. */
  dispose(): void;
}

/** Networks of this process: each has addresses of its own. */
let made = 0;

/** Why none can be made here; undefined where one can. */
export const noLonelyNetwork: string | undefined = unable();

function unable(): string | undefined {
  if (process.getuid?.() !== 0 || !findProgram("ip")) return "needs root and iproute2";
  try {
    makeLonelyNetwork().dispose();
    return undefined;
  } catch {
    return "needs a kernel that lets us make network name spaces";
  }
}

export function makeLonelyNetwork(): LonelyNetwork {
  made += 1;
  const name = `rr${process.pid.toString(36)}-${made}`;
  const net = `10.213.${process.pid % 250}`;
  const first = made * 4;
  const ip = (...words: string[]): void =>
    void execFileSync(findProgram("ip") ?? "", words, { stdio: "pipe" });
  const dispose = (): void => ip("netns", "delete", name);
  ip("netns", "add", name);
  try {
    ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("address", "add", `${net}.${first + 1}/30`, "dev", name);
    ip("link", "set", name, "up");
    ip("-n", name, "address", "add", `${net}.${first + 2}/30`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    ip("-n", name, "link", "set", "lo", "up");
  } catch (error) {
    dispose();
    throw error;
  }
  return { namespace: name, address: `${net}.${first + 2}`, dispose };
}
