import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Waits for the end of a program: its exit status and both streams. */
export async function finish(
  child: ChildProcess,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const text = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (text.stdout += String(chunk)));
  child.stderr?.on("data", (chunk) => (text.stderr += String(chunk)));
  const [status] = (await once(child, "close")) as [number];
  return { status, ...text };
}
