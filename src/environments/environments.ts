import type { Connection } from "../ssh/connection.js";
import type { HostEnvironments, PythonEnvironment } from "./environment.js";

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
   * Runs `python -m pip install runicorn` in the environment and forgets the cached list.
   * @param onOutput hears pip's output as it comes, decoded, in pieces.
   */
  installRunicorn(
    connection: Connection,
    environment: PythonEnvironment,
    options: { readonly signal?: AbortSignal; readonly onOutput?: (text: string) => void },
  ): Promise<void>;
}
