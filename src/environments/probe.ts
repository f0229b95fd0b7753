import { displayText } from "../common/text/displayText.js";
import { Failure } from "../common/failure.js";
import { tellingLine } from "../common/text/tellingLine.js";
import type { Connection } from "../ssh/model/connection.js";
import type { HostEnvironments, PythonEnvironment } from "./environment.js";
import { type EnvironmentFailure, isEnvironmentFailure } from "./failures.js";
import type { LinesBefore } from "./lines/lines.js";
import { runAfterLines } from "./lines/runAfterLines.js";
import probeScript from "./probe.sh";
import { inOrder, readProbe } from "./probeOutput.js";

/** Maximum bytes of output: a few hundred environments need a tenth. */
const longestProbe = 1024 * 1024;
/** Characters kept from the end of standard error. */
const outputLength = 2_000;
/** Maximum number of interpreters with lines of their own: each needs a script. */
const mostOwnLines = 8;

/**
 * Probes hosts for their environments.
 * @param probeLimit milliseconds for one script.
 */
export function createProbe(linesBefore: LinesBefore, probeLimit: number) {
  const probe = async (
    connection: Connection,
    args: readonly string[],
    signal?: AbortSignal,
  ): Promise<HostEnvironments> => {
    const lines = await linesBefore.of(connection.target, args[0]);
    const following = { script: probeScript, args, lines };
    // Show what was found before a timeout.
    const { output, code, stderr } = await runAfterLines(connection, following, {
      timeout: probeLimit,
      outputLimit: longestProbe,
      keepPartial: true,
      ...(signal && { signal }),
    });
    const found = readProbe(output, Date.now());
    if (found.home === "") {
      throw new Failure<EnvironmentFailure>({
        code: "environment-probe-failed",
        host: connection.target.host,
        output:
          displayText(stderr.toString("utf8").slice(-outputLength)) || `exit status ${code ?? "unknown"}`,
      });
    }
    return found;
  };

  const at = async (connection: Connection, python: string, signal?: AbortSignal) => {
    const [environment] = (await probe(connection, [python], signal)).environments;
    if (environment) return environment;
    // The interpreter timed out.
    throw new Failure<EnvironmentFailure>({
      code: "environment-not-found",
      environment: python,
      host: connection.target.host,
    });
  };

  /** Probes the host, and each interpreter with lines of its own after these lines. */
  const search = async (connection: Connection): Promise<HostEnvironments> => {
    const pythons = (await linesBefore.pythons(connection.target)).slice(0, mostOwnLines);
    const [found, ...own] = await Promise.all([
      probe(connection, []),
      ...pythons.map((python) => at(connection, python).catch((error: unknown) => broken(python, error))),
    ]);
    const better = new Map(own.flatMap((one) => (one ? [[one.python, one]] : [])));
    const known = found.environments.map((one) => asFound(one, better.get(one.python)));
    for (const { python } of found.environments) better.delete(python);
    return better.size === 0 && own.length === 0
      ? found
      : { ...found, environments: inOrder([...known, ...better.values()]) };
  };

  return { at, search };
}

/** Merges both probes: name and kind are those of the search, which knows where the environment is. */
function asFound(found: PythonEnvironment, own: PythonEnvironment | undefined): PythonEnvironment {
  if (!own) return found;
  const { name, kind, prefix } = found;
  return { ...own, name, kind, prefix, runicornVersion: own.runicornVersion ?? found.runicornVersion };
}

/** Lists an interpreter whose own lines fail with that problem. Other errors are left to the search. */
function broken(python: string, error: unknown): PythonEnvironment | undefined {
  if (!isEnvironmentFailure(error, "lines-failed")) return undefined;
  const { output, line } = error.detail;
  const problem = tellingLine(output) || `line ${line} to run before it failed`;
  const unknown = { pythonVersion: undefined, runicornVersion: undefined };
  return { python, name: python, kind: "custom", prefix: "", ...unknown, problem };
}
