import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes in use by this program, on the heap and outside. What is outside is let go of a while after it was collected. */
export async function bytesInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let [before, same] = [Infinity, 0]; ;) {
    collect();
    await nextTurn();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const now = heapUsed + arrayBuffers;
    same = now > before - 100_000 ? same + 1 : 0;
    if (same === 3) return now;
    before = now;
  }
}
