import { afterEach, expect } from "vitest";
import { scenarios } from "./scenarios.js";
import { type Scene, stagesInUse } from "./stage.js";

/** How many commands each window had run when the last test ended. */
const before = new WeakMap<Scene, number>();

/** A test that stands in the table of scenarios ran those commands, by the extension's own log. */
afterEach(async ({ task }) => {
  const ran: string[] = [];
  for (const stage of stagesInUse) {
    const all = await stage.commandsRun();
    ran.push(...all.slice(before.get(stage) ?? 0));
    before.set(stage, all.length);
  }
  if (task.result?.state === "fail") return;
  const ranWithoutItem = ran.map((command) => command.replace(" on an item", ""));
  const expected = Object.entries(scenarios).flatMap(([command, test]) =>
    test === task.name ? [command] : [],
  );
  expect([...ran, ...ranWithoutItem]).toEqual(expect.arrayContaining(expected));
});
