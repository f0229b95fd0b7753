import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The same as esbuild's text loader in esbuild.mjs. */
const remoteScriptsAsText = {
  name: "remote-scripts-as-text",
  enforce: "pre" as const,
  async load(id: string) {
    if (!/\.(sh|py)$/.test(id)) return undefined;
    return `export default ${JSON.stringify(await readFile(id, "utf8"))};`;
  },
};

/**
 * How often a test with real hosts or windows that failed is tried again. What passed only then is listed at the end of
 * `npm test`: it is a fault of the test or of the product that waits to be found.
 */
const triesMore = 1;

const faultRounds = Number(process.env["FAULT_ROUNDS"] ?? 1);
/** Each fault has a world of its own, so their rounds are dealt out to several projects that are under way at once. */
const faultParts = Math.min(faultRounds, 5);
/** They wait most of the time: for leases, for a lost way, for nothing. */
const faultsAtOnce = Number(process.env["FAULTS_AT_ONCE"] ?? (faultRounds > 1 ? 5 : 2));

/**
 * What takes longest or waits most, first of all: begun last, it would be waited for while a processor has nothing to do. What
 * is not here comes in Vitest's order, in a fresh clone the largest files first.
 */
const longest = [
  "conformance/schemathesis",
  "host/slurm/faults",
  "host/slurm/jobs",
  "host/ssh/loginMatrix",
  "host/ssh/loginNotices",
  "host/hostile/ssh",
  "conformance/generatedClients",
  "host/viewer/socket",
  "host/hostile/sync",
  "host/sync/twoPrograms",
  "host/ssh/opensshConnection",
  "host/api/otherAccounts",
  "host/viewer/supervisorKilled",
  "host/sync/cost",
  "host/sync/crash",
  "host/sync/large",
  "faults/verbs",
  "faults/rounds/host",
  "workbench/commands",
  "workbench/runs",
  "workbench/notices",
  "workbench/runPage",
  "workbench/startAgain",
  "workbench/survival",
  "workbench/slurm",
  "workbench/relay",
  "workbench/withoutSsh",
  "workbench/accessible",
  "workbench/runTree",
].map((name) => `/test/${name}.test.ts`);

/**
 * Windows that `npm test` leaves to the long form (`npm run test:windows`): rare steps whose rules host tests hold, so
 * that what is left is how they look.
 */
const windowsOfLongForm = [
  "bigTree",
  "connectionGroups",
  "connectionsTree",
  "diagnose",
  "goneFiles",
  "installFromHere",
  "interpreter",
  "linesBefore",
  "mirrorChoices",
  "palette",
  "remoteSsh",
  "repairedFolder",
  "securityKey",
  "serverPrompts",
  "unconfirmed",
  "withoutRunicorn",
].map((name) => `test/workbench/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((end) => moduleId.endsWith(end));
      return found < 0 ? longest.length : found;
    };
    const sorted = await super.sort(files);
    return [...new Set(sorted.map(({ project }) => project))].flatMap((project) =>
      sorted.filter((one) => one.project === project).sort((one, other) => place(one) - place(other)),
    );
  }
}

export default defineConfig({
  plugins: [remoteScriptsAsText],
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          pool: "threads",
          isolate: false,
          // Some of them wait for a shell or a timer; Vitest would even leave one of two processors alone.
          maxWorkers: availableParallelism() + 1,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "host",
          include: ["test/host/**/*.test.ts", "test/conformance/**/*.test.ts"],
          globalSetup: ["test/support/hostSetup.ts"],
          setupFiles: ["test/support/noteFolders.ts"],
          pool: "forks",
          // The files that a process runs share what they import: to import it anew took a sixth of its time.
          isolate: false,
          // On two processors: most of these tests wait for a host. Three at a time left a fifth of both unused.
          maxWorkers: 4,
          // `npm run coverage` runs them after the unit tests, which have another number of workers.
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          retry: triesMore,
        },
      },
      ...Array.from({ length: faultParts }, (_, part) => ({
        extends: true as const,
        test: {
          name: part === 0 ? "faults" : `faults-${part + 1}`,
          include: [part === 0 ? "test/faults/**/*.test.ts" : "test/faults/rounds/*.test.ts"],
          env: { FAULT_PARTS: String(faultParts), FAULT_PART: String(part) },
          globalSetup: ["test/support/hostSetup.ts"],
          setupFiles: ["test/support/noteFolders.ts"],
          pool: "forks" as const,
          maxWorkers: faultsAtOnce,
          // The others have other numbers of workers.
          sequence: { groupOrder: 1 },
          hookTimeout: 60_000,
          retry: faultRounds > 1 ? 0 : triesMore,
        },
      })),
      {
        extends: true,
        test: {
          name: "workbench",
          include: ["test/workbench/**/*.test.ts"],
          exclude: process.env["WINDOWS"] === "short" ? windowsOfLongForm : [],
          setupFiles: [
            "test/support/noteFolders.ts",
            "test/support/vscode/pictureOfFailure.ts",
            "test/support/vscode/scenarioWasPlayed.ts",
          ],
          globalSetup: ["test/support/hostSetup.ts"],
          pool: "forks",
          // On two processors: a window takes half of one, and more only while it opens.
          maxWorkers: Number(process.env["WINDOWS_AT_ONCE"] ?? 2),
          testTimeout: 90_000,
          hookTimeout: 240_000,
          retry: triesMore,
        },
      },
    ],
  },
});
