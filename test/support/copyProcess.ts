// Passes over a root into one copy until it is killed: PORT IDENTITY ROOT COPY LOCK-TIMES(JSON; empty: the usual ones)
import { mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { silentLogger } from "../../src/common/logger.js";
import type { LockTimes } from "../../src/common/files/lockJudge.js";
import { createConnections } from "../../src/ssh/connections.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import { createKnownHosts } from "../../src/ssh/hostKeys/knownHosts.js";
import { openCache } from "../../src/sync/cache/cache.js";
import { runPass } from "../../src/sync/pass/pass.js";
import { createLinkSpeed } from "../../src/sync/remote/linkSpeed.js";
import { openRemoteFiles } from "../../src/sync/helper/openRemoteFiles.js";
import { trusting } from "./client.js";

const [port = "", identityFile = "", root = "", copy = "", times = ""] = process.argv.slice(2);
await mkdir(copy, { recursive: true });
const connections = createConnections({
  knownHosts: createKnownHosts({ file: join(copy, `known_hosts-${process.pid}`), foreignFiles: [] }),
  program: createSshProgram({ home: copy, environment: { PATH: process.env["PATH"] } }),
  logger: silentLogger,
});
const target = { host: "127.0.0.1", port: Number(port), user: userInfo().username };
const request = { target, credentials: { identityFiles: [identityFile], useAgent: false } };
const remote = await openRemoteFiles(await connections.connect(request, trusting));
const cache = await openCache(copy, times === "" ? {} : { lockTimes: JSON.parse(times) as LockTimes });
const link = createLinkSpeed();
const { signal } = new AbortController();
process.stdout.write("ready\n");
for (;;) {
  await runPass({ remote, cache, root, mode: "mirror", link, signal });
  await delay(10);
}
