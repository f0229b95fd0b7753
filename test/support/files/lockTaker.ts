// Takes a lock again and again until it is killed: LOCK MARKER LOG HARD-LINKS. Says "ready" when it begins, and "held" when
// it was told to take it once and has it.
import { appendFileSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { acquireLock } from "../../../src/common/files/lock.js";

const [lock = "", marker = "", log = "", links = "yes"] = process.argv.slice(2);
const times = { heartbeat: 50, staleAge: 300, watch: 100 };
const noLinks = (): Promise<void> => Promise.reject(new Error("no hard links here"));

/** Who is marked as the holder, if that process lives. */
function markedHolder(): number | undefined {
  const pid = Number(readFileSync(marker, "utf8"));
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2)) ? undefined : pid;
  } catch {
    return undefined;
  }
}

function mark(): void {
  try {
    writeFileSync(marker, String(process.pid), { flag: "wx" });
  } catch {
    const other = markedHolder();
    if (other !== undefined) appendFileSync(log, `two ${process.pid} ${other}\n`);
    writeFileSync(marker, String(process.pid));
  }
}

process.send?.("ready");
for (;;) {
  const held = await acquireLock(lock, { times, ...(links === "no" && { makeLink: noLinks }) });
  mark();
  appendFileSync(log, `took ${process.pid}\n`);
  await delay(Math.random() * 3);
  if (!(await held.stillHeld())) appendFileSync(log, `lost ${process.pid}\n`);
  if (Number(readFileSync(marker, "utf8")) !== process.pid) appendFileSync(log, `two ${process.pid}\n`);
  unlinkSync(marker);
  await held.release();
}
