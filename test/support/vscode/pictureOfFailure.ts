import { afterEach } from "vitest";
import { stagesInUse } from "./stage.js";

/** Characters of what a window says that are printed. */
const most = 1_500;

/** What the window showed when a test failed: its text is printed, a picture kept in `.cache/screenshots`. */
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  const name = `failed-${task.name.replace(/\W+/g, "-")}`;
  for (const stage of stagesInUse) {
    const shown = await stage.window.shownText().catch((error: unknown) => String(error));
    console.log(`When "${task.name}" failed, the window said:\n${shown.slice(0, most)}`);
    await stage.picture(name).catch(() => undefined);
  }
});
