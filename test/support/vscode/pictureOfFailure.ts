import { afterEach } from "vitest";
import { stagesInUse } from "./stage.js";

/** What the window showed when a test failed: kept in `.cache/screenshots`. */
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  const name = `failed-${task.name.replace(/\W+/g, "-")}`;
  for (const stage of stagesInUse) await stage.picture(name).catch(() => undefined);
});
