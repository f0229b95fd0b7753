import { Failure, orCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { HostEnvironments, PythonEnvironment } from "./environment.js";
import type { EnvironmentFailure } from "./failures.js";
import installScript from "./install.sh";
import { type LinesBefore, noLines } from "./lines/lines.js";
import { runAfterLines } from "./lines/runAfterLines.js";
import { installFromHere, type InstallFromHereOptions } from "./packages/installFromHere.js";
import { createProbe } from "./probe.js";

/** The Python environments of hosts, cached per connection. */
export interface Environments {
  /**
   * Lists all environments with one exec, plus one for each interpreter with lines of its own. Cached unless `refresh` is
   * set; concurrent callers share one probe.
   * @throws Failure with an `EnvironmentFailure` or `SshFailure`, or Cancelled.
   */
  list(
    connection: Connection,
    options?: { readonly refresh?: boolean; readonly signal?: AbortSignal },
  ): Promise<HostEnvironments>;
  /** Returns the cached list of this connection, if it is no older than `maxAge` milliseconds. */
  known(connection: Connection, maxAge: number): HostEnvironments | undefined;
  /**
   * Probes one interpreter, anywhere on the host. A missing or broken one is returned as an environment with a problem.
   * @param python absolute, or below the remote home folder with `~/`.
   */
  at(connection: Connection, python: string, signal?: AbortSignal): Promise<PythonEnvironment>;
  /**
   * Runs `python -m pip install runicorn` in the environment and invalidates the cache.
   * @param onOutput receives chunks of pip's output, decoded.
   */
  installRunicorn(
    connection: Connection,
    environment: PythonEnvironment,
    options: { readonly signal?: AbortSignal; readonly onOutput?: (text: string) => void },
  ): Promise<void>;
  /**
   * The same for a host without access to a package index: pip on this machine downloads the packages, after the user has
   * confirmed the commands. Invalidates the cache.
   */
  installFromHere(
    connection: Connection,
    environment: PythonEnvironment,
    options: InstallFromHereOptions,
  ): Promise<void>;
}

const usualProbeLimit = 30_000;
/** Characters kept from the end of pip's output. */
const installOutputLength = 2_000;

/** One probe of a host, pending or done. */
interface Look {
  /** The lines that ran before it, see `allLines`. */
  readonly lines: string;
  readonly work: Promise<HostEnvironments>;
  /** Set when it is done; `at` is on the monotonic clock. */
  done?: { readonly found: HostEnvironments; readonly at: number };
}

export interface EnvironmentsOptions {
  /** Default: none. */
  readonly lines?: LinesBefore | undefined;
  /** Milliseconds for one probe. Default 30 s: network file systems are slow. */
  readonly probeLimit?: number | undefined;
}

export function createEnvironments({
  lines: linesBefore = noLines,
  probeLimit = usualProbeLimit,
}: EnvironmentsOptions = {}): Environments {
  const cache = new WeakMap<Connection, Look>();

  const { at, search } = createProbe(linesBefore, probeLimit);

  return {
    list: async (connection, { refresh = false, signal } = {}) => {
      const lines = await allLines(linesBefore, connection);
      const cached = cache.get(connection);
      if (cached?.lines === lines && !refresh) return orCancelled(cached.work, signal);
      const look: Look = { work: search(connection), lines };
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
    at,
    installRunicorn: async (connection, environment, { signal, onOutput }) => {
      const decoder = new TextDecoder();
      try {
        const lines = await linesBefore.of(connection.target, environment.python);
        const following = { script: installScript, args: [environment.python], lines };
        const { output, code } = await runAfterLines(connection, following, {
          ...(signal && { signal }),
          onStdout: (chunk) => onOutput?.(decoder.decode(chunk, { stream: true })),
        });
        if (code === 0) return;
        const said = output.toString("utf8").replaceAll("\r", "").trim();
        throw new Failure<EnvironmentFailure>({
          code: "runicorn-install-failed",
          environment: environment.name,
          output: said.slice(-installOutputLength),
          ...(hasNoNetwork(said) && { isOffline: true }),
        });
      } finally {
        cache.delete(connection);
      }
    },
    installFromHere: async (connection, environment, options) => {
      try {
        const lines = await linesBefore.of(connection.target, environment.python);
        await installFromHere(connection, environment, lines, options);
      } finally {
        cache.delete(connection);
      }
    },
  };
}

/** Whether pip's output says that it cannot reach a package index: no route, DNS, proxy or response, or an empty index. */
function hasNoNetwork(said: string): boolean {
  return /NewConnectionError|ConnectTimeoutError|NameResolutionError|ProxyError|Network is unreachable|No route to host|name resolution|Name or service not known|Max retries exceeded|connection broken by|\(from versions: none\)/i.test(
    said,
  );
}

/** Returns all lines that run before a search, as a cache key. */
async function allLines(lines: LinesBefore, { target }: Connection): Promise<string> {
  const pythons = await lines.pythons(target);
  return JSON.stringify(
    await Promise.all([lines.of(target), ...pythons.map((one) => lines.of(target, one))]),
  );
}
