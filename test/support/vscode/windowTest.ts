/* eslint-disable no-empty-pattern -- Vitest reads from the pattern which fixtures a fixture needs. */
import { afterAll, beforeAll, test, type TestAPI } from "vitest";
import { isFullMatrix } from "../matrix.js";
import type { HostHome } from "../runicorn/hostHome.js";
import type { Sshd } from "../sshd.js";
import { type Scene, setStage, type Stage, type StageOptions } from "./stage.js";
import type { VersionName } from "./versions.js";
import type { Window } from "./window.js";

/** For `describe.each`: the newest VS Code, and the oldest too in `npm run test:windows`. */
export const windowVersions: readonly VersionName[] = isFullMatrix ? ["newest", "oldest"] : ["newest"];

/** What a test in a window may ask for. All tests of a `describe` have the same window, also when one is tried again. */
export interface SceneFixtures<S extends Scene> {
  readonly stage: S;
  readonly window: Window;
  /** Home folder of the person at the window. */
  readonly laptop: string;
  /** Tells what was copied last. */
  readonly clipboard: () => Promise<string>;
  /** Presses these keys, one after the other. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
}

export interface WindowFixtures extends SceneFixtures<Stage> {
  /** The server of the host `gpu`. */
  readonly sshd: Sshd;
  /** Its home, with environments and sample runs. */
  readonly host: HostHome;
}

export interface WindowTestOptions extends StageOptions {
  /** What is done before the first test. */
  readonly prepare?: (stage: Stage) => unknown;
}

/**
 * Tests in a window, with a host: `const it = windowTest({ version: "newest" })`, then `it("…", async ({ window }) => …)`. The
 * window opens before the first test of the `describe` (or the file) that this is called in, and closes after the last. An
 * `afterAll` above this call comes after that, one below it before that.
 */
export function windowTest({ prepare, ...options }: WindowTestOptions): TestAPI<WindowFixtures> {
  return sceneTest(() => setStage(options), prepare).extend<Pick<WindowFixtures, "sshd" | "host">>({
    sshd: ({ stage }, use) => use(stage.sshd),
    host: ({ stage }, use) => use(stage.host),
  });
}

/** The same with a window, and what is around it, that is set in another way. */
export function sceneTest<S extends Scene>(
  set: () => Promise<S>,
  prepare?: (stage: S) => unknown,
): TestAPI<SceneFixtures<S>> {
  let scene: S | undefined;
  beforeAll(async () => {
    scene = await set();
    await scene.window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await prepare?.(scene);
  });
  afterAll(() => scene?.dispose());
  return test.extend<SceneFixtures<S>>({
    stage: ({}, use) => use(scene as S),
    window: ({ stage }, use) => use(stage.window),
    laptop: ({ stage }, use) => use(stage.laptop),
    clipboard: ({ window }, use) => use(() => window.page.evaluate("navigator.clipboard.readText()")),
    press: ({ window }, use) =>
      use(async (...keys) => {
        for (const key of keys) await window.page.keyboard.press(key);
      }),
  });
}
