import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import type { Sshd } from "../support/sshd.js";

/** The middle one, of an even number the higher one of the two. NaN where there is none. */
export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A server behind a line with this round trip, in milliseconds, and what ends that line. */
export async function behindLine(
  server: Sshd,
  rtt: number,
): Promise<{ readonly host: Sshd; readonly endLine: () => void }> {
  const args = ["test/bench/delayProxy.mjs", String(server.port), String(rtt / 2)];
  const proxy = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(proxy.stdout, "data")) as [Buffer];
  return { host: { ...server, port: Number(port) }, endLine: () => void proxy.kill() };
}

/** What guardSide.mjs, a process of its own, measures at a port: so many times, in milliseconds. */
export async function askFromSide(port: number, kind: string, count: number): Promise<number[]> {
  const args = ["test/bench/guardSide.mjs", "ask", String(port), kind, String(count)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as number[];
}
