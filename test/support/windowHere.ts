// What a window on the machine that trains has of us, as a program: it connects to this machine, takes over the viewer that is
// there or starts one, reads the runs where they lie, and prints what it has as a line of JSON whenever that changes.
//   node windowHere.mjs HOME ROOT DATA-FOLDER GRACE-SECONDS
// On its standard input: `leave` ends it as a reload does, `stop` as the person who is done; `restart` starts a failed viewer
// again, `resume` does what a person would where nothing went on.
import { createInterface } from "node:readline";
import { createApp } from "../../src/app.js";
import { Failure } from "../../src/common/failure.js";
import { silentLogger } from "../../src/common/logger.js";
import { unattended } from "../../src/ssh/model/interaction.js";
import { thisMachine } from "../../src/ssh/model/thisMachine.js";
import { sessionUrl } from "../../src/viewer/session/session.js";

/** One line that it prints. */
export interface WindowHere {
  readonly viewer:
    { readonly state: string; readonly pid: number | undefined; readonly url: string } | undefined;
  readonly sync:
    { readonly state: string; readonly failure: string | undefined; readonly runs: number } | undefined;
}

const [home = "", root = "", dataFolder = "", grace = ""] = process.argv.slice(2);
const app = await createApp({
  dataFolder,
  home,
  environment: { PATH: process.env["PATH"], HOME: home },
  logger: silentLogger,
  graceSeconds: () => Number(grace),
  followsOthers: true,
});
const { viewers, syncs, environments } = app;
let syncId: string | undefined;
let last = "";
let telling: Promise<void> = Promise.resolve();

async function now(): Promise<WindowHere> {
  const [session] = viewers.sessions;
  const sync = syncId === undefined ? undefined : await syncs.get(syncId);
  const pid = session?.state.kind === "running" ? session.state.remote.pid : undefined;
  const url = session?.state.kind === "running" ? (sessionUrl(session) ?? "") : "";
  return {
    viewer: session && { state: session.state.kind, pid, url },
    sync: sync && {
      state: sync.state.kind,
      failure: sync.state.kind === "failed" ? sync.state.failure.code : undefined,
      runs: (await syncs.runs(sync.id).catch(() => [])).length,
    },
  };
}

function tell(): void {
  telling = telling.then(async () => {
    const line = JSON.stringify(await now());
    if (line !== last) process.stdout.write(`${line}\n`);
    last = line;
  });
}

viewers.onDidChange(tell);
syncs.onDidChange(tell);

async function begin(): Promise<void> {
  const connection = await app.connections.connect({ target: thisMachine }, unattended);
  await viewers.adopt(connection);
  if (viewers.sessions.length === 0) {
    const environment = (await environments.list(connection)).environments.find(
      ({ name }) => name === "train",
    );
    if (!environment) throw new Error("there is no environment");
    await viewers.start(connection, { environment, root });
  }
  ({ id: syncId } = await syncs.start(connection, { root, mode: "in-place", wanted: true, interval: 0.2 }));
  tell();
}

const deeds: Readonly<Record<string, () => Promise<unknown>>> = {
  leave: () => app.close("leave").then(() => process.exit(0)),
  stop: () => app.close("stop").then(() => process.exit(0)),
  restart: () => viewers.restart(viewers.sessions[0]?.id ?? ""),
  resume: begin,
};
createInterface({ input: process.stdin }).on("line", (line) => {
  deeds[line]?.().catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    process.stdout.write(`${JSON.stringify({ viewer: undefined, sync: undefined })}\n`);
  });
});
await begin();
