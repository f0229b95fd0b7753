import { displayText } from "../common/bytes.js";
import { Failure, orCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import { runScript } from "../ssh/script.js";
import type { EnvironmentFailure, HostEnvironments, PythonEnvironment } from "./environment.js";
import installScript from "./install.sh";
import probeScript from "./probe.sh";
import { readProbe } from "./probeOutput.js";

/** The Python environments of hosts, cached per connection. */
export interface Environments {
  /**
   * One exec, whatever the number of environments. Answers from the cache unless `refresh` is set; two callers at
   * once share one probe.
   * @throws Failure with an `EnvironmentFailure` or `SshFailure`, or Cancelled.
   */
  list(
    connection: Connection,
    options?: { readonly refresh?: boolean; readonly signal?: AbortSignal },
  ): Promise<HostEnvironments>;
  /**
   * Looks at one interpreter, wherever it stands. One that is missing or broken is an environment with a problem.
   * @param python absolute, or below the remote home folder with `~/`.
   */
  at(connection: Connection, python: string, signal?: AbortSignal): Promise<PythonEnvironment>;
  /**
   * Runs `python -m pip install runicorn` in the environment and forgets the cached list.
   * @param onOutput hears pip's output as it comes, decoded, in pieces.
   */
  installRunicorn(
    connection: Connection,
    environment: PythonEnvironment,
    options: { readonly signal?: AbortSignal; readonly onOutput?: (text: string) => void },
  ): Promise<void>;
}

const usualProbeLimit = 30_000;
/** Characters kept of pip's last words. */
const installOutputLength = 2_000;

/** @param probeLimit milliseconds for one probe: network file systems are slow, people are not patient. */
export function createEnvironments(probeLimit = usualProbeLimit): Environments {
  const cache = new WeakMap<Connection, Promise<HostEnvironments>>();

  const probe = async (
    connection: Connection,
    args: readonly string[],
    signal?: AbortSignal,
  ): Promise<HostEnvironments> => {
    // What was found before the time was up is worth showing.
    const { output, code, stderr } = await runScript(connection, probeScript, args, {
      timeout: probeLimit,
      keepPartial: true,
      ...(signal && { signal }),
    });
    const found = readProbe(output, Date.now());
    if (found.home === "") {
      throw new Failure<EnvironmentFailure>({
        code: "environment-probe-failed",
        host: connection.target.host,
        output:
          displayText(stderr.toString("utf8").slice(-installOutputLength)) ||
          `exit status ${code ?? "unknown"}`,
      });
    }
    return found;
  };

  return {
    list: (connection, { refresh = false, signal } = {}) => {
      const cached = refresh ? undefined : cache.get(connection);
      if (cached) return orCancelled(cached, signal);
      const work = probe(connection, []);
      cache.set(connection, work);
      work.catch(() => {
        if (cache.get(connection) === work) cache.delete(connection);
      });
      return orCancelled(work, signal);
    },
    at: async (connection, python, signal) => {
      const [environment] = (await probe(connection, [python], signal)).environments;
      if (environment) return environment;
      // The interpreter did not come to its end in time.
      throw new Failure<EnvironmentFailure>({
        code: "environment-not-found",
        environment: python,
        host: connection.target.host,
      });
    },
    installRunicorn: async (connection, environment, { signal, onOutput }) => {
      const decoder = new TextDecoder();
      try {
        const { output, code } = await runScript(connection, installScript, [environment.python], {
          ...(signal && { signal }),
          onStdout: (chunk) => onOutput?.(decoder.decode(chunk, { stream: true })),
        });
        if (code === 0) return;
        throw new Failure<EnvironmentFailure>({
          code: "runicorn-install-failed",
          environment: environment.name,
          output: output.toString("utf8").replaceAll("\r", "").trim().slice(-installOutputLength),
        });
      } finally {
        cache.delete(connection);
      }
    },
  };
}
