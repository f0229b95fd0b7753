import { readFile } from "node:fs/promises";
import { defineConfig } from "vitest/config";

/** The same as esbuild's text loader in esbuild.mjs. */
const remoteScriptsAsText = {
  name: "remote-scripts-as-text",
  enforce: "pre" as const,
  async load(id: string) {
    if (!/\.(sh|py)$/.test(id)) return undefined;
    return `export default ${JSON.stringify(await readFile(id, "utf8"))};`;
  },
};

export default defineConfig({
  plugins: [remoteScriptsAsText],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          pool: "threads",
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "host",
          include: ["test/host/**/*.test.ts", "test/conformance/**/*.test.ts"],
          globalSetup: ["test/support/hostSetup.ts"],
          pool: "forks",
          // On two processors: most of these tests wait for a host.
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/support/hostSetup.ts"],
          pool: "forks",
          maxWorkers: 1,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "workbench",
          include: ["test/workbench/**/*.test.ts"],
          setupFiles: ["test/support/vscode/pictureOfFailure.ts", "test/support/vscode/scenarioWasPlayed.ts"],
          globalSetup: ["test/support/hostSetup.ts"],
          pool: "forks",
          // Two windows at once are more than two processors take.
          maxWorkers: 1,
          testTimeout: 90_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
