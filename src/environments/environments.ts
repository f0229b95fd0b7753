import { displayText } from "../common/text/displayText.js";
import { Failure, orCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { runScript } from "../ssh/channel/script.js";
import type { HostEnvironments, PythonEnvironment } from "./environment.js";
import type { EnvironmentFailure } from "./failures.js";
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
  /** What {@link Environments.list} found last on this connection, if that is no older than `maxAge` milliseconds. */
  known(connection: Connection, maxAge: number): HostEnvironments | undefined;
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
/** Bytes of an answer: a few hundred environments are a tenth of that. */
const longestProbe = 1024 * 1024;
/** Characters kept of pip's last words. */
const installOutputLength = 2_000;

/** One probe of a host, under way or done. */
interface Look {
  readonly work: Promise<HostEnvironments>;
  /** Set when it is done; `at` by a clock that never goes back. */
  done?: { readonly found: HostEnvironments; readonly at: number };
}

/** @param probeLimit milliseconds for one probe: network file systems are slow, people are not patient. */
export function createEnvironments(probeLimit = usualProbeLimit): Environments {
  const cache = new WeakMap<Connection, Look>();

  const probe = async (
    connection: Connection,
    args: readonly string[],
    signal?: AbortSignal,
  ): Promise<HostEnvironments> => {
    // What was found before the time was up is worth showing.
    const { output, code, stderr } = await runScript(connection, probeScript, args, {
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
          displayText(stderr.toString("utf8").slice(-installOutputLength)) ||
          `exit status ${code ?? "unknown"}`,
      });
    }
    return found;
  };

  return {
    list: (connection, { refresh = false, signal } = {}) => {
      const cached = refresh ? undefined : cache.get(connection);
      if (cached) return orCancelled(cached.work, signal);
      const look: Look = { work: probe(connection, []) };
      cache.set(connection, look);
      look.work.then(
        (found) => (look.done = { found, at: performance.now() }),
        () => {
          if (cache.get(connection) === look) cache.delete(connection);
        },
      );
      return orCancelled(look.work, signal);
    },
    known: (connection, maxAge) => {
      const done = cache.get(connection)?.done;
      return done && performance.now() - done.at <= maxAge ? done.found : undefined;
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
