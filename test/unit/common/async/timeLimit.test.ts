import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { timeLimit } from "../../../../src/common/async/timeLimit.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("a time limit comes, also when garbage is collected meanwhile and only a combination of it is waited for", async () => {
  const neverAborted = new AbortController();
  const passed = new Promise<boolean>((resolve) => {
    const either = AbortSignal.any([neverAborted.signal, timeLimit(100)]);
    either.addEventListener("abort", () => resolve((either.reason as Error).name === "TimeoutError"));
  });
  const collecting = setInterval(collectGarbage, 10);
  const late = new Promise<string>((resolve) => setTimeout(resolve, 2_000, "never"));
  expect(await Promise.race([passed, late])).toBe(true);
  clearInterval(collecting);
});
