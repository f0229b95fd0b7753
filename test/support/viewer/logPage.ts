import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { sessionUrl, type ViewerSession } from "../../../src/viewer/session/session.js";
import { openWebSocket } from "../openWebSocket.js";

const runId = "20260101_000000_abc123";

/** The run whose log such a page follows. */
export function runOfLogPage({ root }: ViewerSession): { readonly id: string; readonly folder: string } {
  return { id: runId, folder: join(root, "runs", "followed", runId) };
}

/**
 * A page that follows the log of a run that goes on: a viewer waits for it when it is told to end. Resolves when the page
 * has the first of the log.
 */
export async function openLogPage(session: ViewerSession): Promise<Duplex> {
  const { folder: run } = runOfLogPage(session);
  await mkdir(run, { recursive: true });
  await writeFile(join(run, "meta.json"), JSON.stringify({ id: runId, path: "followed", pid: process.pid }));
  await writeFile(join(run, "status.json"), JSON.stringify({ status: "running" }));
  await writeFile(join(run, "logs.txt"), "epoch 1\n");
  const socket = await openWebSocket(new URL(`/api/runs/${runId}/logs/ws`, sessionUrl(session)));
  let heard = "";
  while (!heard.includes("epoch 1")) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    heard += chunk.toString("latin1");
  }
  socket.resume();
  return socket;
}
