import { decodeBytes } from "../common/text/bytes.js";
import type { Connection } from "../ssh/model/connection.js";
import { runShortScript } from "../ssh/channel/script.js";
import hostInfoScript from "./hostInfo.sh";

/** Facts about a host; undefined if unknown. */
export interface HostInfo {
  readonly hostname: string | undefined;
  /** e.g. `Linux` */
  readonly system: string | undefined;
  /** Kernel release. */
  readonly kernel: string | undefined;
  /** Version of the `python3` on the PATH. */
  readonly pythonVersion: string | undefined;
}

/** Milliseconds. */
const limit = 15_000;

/** @throws Failure with an `SshFailure`, or Cancelled. */
export async function readHostInfo(connection: Connection, signal?: AbortSignal): Promise<HostInfo> {
  const options = { timeout: limit, outputLimit: 64 * 1024, ...(signal && { signal }) };
  const { output } = await runShortScript(connection, hostInfoScript, [], options);
  const [hostname, system, kernel, pythonVersion] = decodeBytes(output)
    .split("\0")
    .map((field) => field.trim() || undefined);
  return { hostname, system, kernel, pythonVersion };
}
