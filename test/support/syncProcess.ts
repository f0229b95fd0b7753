// Mirrors a root until it is killed, and prints the id of the copy, then a line each time that a pass is done: node run-ts.mjs syncProcess.ts PORT IDENTITY ROOT DATA-FOLDER
// With the PORT "here" it reads a root of this machine where it lies.
import { userInfo } from "node:os";
import { join } from "node:path";
import { neverAgain } from "./syncRig.js";
import { silentLogger } from "../../src/common/logger.js";
import { createConnections } from "../../src/ssh/connections.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import { createKnownHosts } from "../../src/ssh/hostKeys/knownHosts.js";
import { thisMachine } from "../../src/ssh/model/thisMachine.js";
import { createSyncs } from "../../src/sync/syncs.js";
import { trusting } from "./client.js";

const [port = "", identityFile = "", root = "", dataFolder = ""] = process.argv.slice(2);
const connections = createConnections({
  knownHosts: createKnownHosts({ file: join(dataFolder, "known_hosts"), foreignFiles: [] }),
  program: createSshProgram({ home: dataFolder, environment: { PATH: process.env["PATH"] } }),
  logger: silentLogger,
});
const isHere = port === "here";
const target = { host: "127.0.0.1", port: Number(port), user: userInfo().username };
const request = { target, credentials: { identityFiles: [identityFile], useAgent: false } };
const connection = await connections.connect(isHere ? { target: thisMachine } : request, trusting);
const syncs = createSyncs({ dataFolder, connections, connectAgain: neverAgain, logger: silentLogger });
const { id } = await syncs.start(connection, {
  root,
  mode: isHere ? "in-place" : "mirror",
  interval: 0.02,
});
process.stdout.write(`${id}\n`);
let toldOf: number | undefined;
syncs.onDidChange(() => void tell());

async function tell(): Promise<void> {
  const { state, syncedAt } = (await syncs.get(id)) ?? {};
  if (state?.kind !== "waiting" || syncedAt === toldOf) return;
  toldOf = syncedAt;
  process.stdout.write("passed\n");
}
await tell();
