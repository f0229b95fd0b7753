// Takes a lock, says its token and holds it until it is told to let go: LOCK HEARTBEAT STALE-AGE WATCH
import { once } from "node:events";
import { acquireLock } from "../../../src/common/files/lock.js";

const [path = "", heartbeat, staleAge, watch] = process.argv.slice(2);
const times = { heartbeat: Number(heartbeat), staleAge: Number(staleAge), watch: Number(watch) };
const lock = await acquireLock(path, { times });
process.send?.(lock.token);
await once(process, "message");
process.send?.(String(await lock.stillHeld()));
await lock.release();
process.disconnect();
