import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runScript } from "../../../src/ssh/channel/script.js";
import type { Connection } from "../../../src/ssh/model/connection.js";

/** The text of a recorded file. */
export const recorded = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), "utf8");

const launchScript = `main() {\n  "$1" -c "$2" "$3" "$4"\n}\n`;

/** Starts a viewer as the earlier version did, and returns what its host said of it. */
export async function startAsEarlier(
  connection: Connection,
  { id, python, root }: { readonly id: string; readonly python: string; readonly root: string },
): Promise<{ readonly port: number; readonly pid: number; readonly supervisorPid: number }> {
  const facts = { environmentName: "train", environmentKind: "venv", startedAt: 1_795_953_546_145 };
  const request = { id, root, create_root: false, port: null, seconds: 90, grace: 600, facts };
  const programs = [await recorded("launch.py"), JSON.stringify(request), await recorded("supervisor.py")];
  const { output } = await runScript(connection, launchScript, [python, ...programs]);
  const [, answer = ""] = /runicorn-remote:(.*)/.exec(output.toString("utf8")) ?? [];
  return JSON.parse(answer) as { port: number; pid: number; supervisorPid: number };
}

/** The earlier version's manifest of a copy of this root, as if it had been written when the files were as they are. */
export async function earlierManifest(root: string): Promise<string> {
  const lines = (await recorded("manifest.jsonl")).trim().split("\n");
  const moved = lines.map(async (text) => {
    const line = JSON.parse(text) as { p: string; s?: unknown[]; h?: unknown; t?: unknown[] };
    const { size, mtimeNs, ctimeNs, ino, mode } = await lstat(join(root, line.p), { bigint: true });
    const isFolder = line.s?.[0] === 0;
    const stamp = [
      isFolder ? 0 : Number(size),
      decimal(mtimeNs),
      decimal(ctimeNs),
      String(ino),
      Number(mode & 0o777n),
    ];
    const held = Array.isArray(line.h) ? [0, "", ...stamp.slice(2)] : line.h;
    return JSON.stringify({
      ...line,
      ...(line.s && { s: stamp }),
      ...(line.h !== undefined && { h: held }),
      ...(line.t && { t: stamp }),
    });
  });
  return `${(await Promise.all(moved)).join("\n")}\n`;
}

function decimal(nanoseconds: bigint): string {
  const text = String(nanoseconds).padStart(10, "0");
  return `${text.slice(0, -9)}.${text.slice(-9)}`;
}
