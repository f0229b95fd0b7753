import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How the laptop's `~/.ssh/config` knows a host. */
export interface HostEntry {
  readonly alias: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile?: string;
  readonly proxyJump?: string;
  /** Seconds that its server may take to answer. Default: as usual. */
  readonly connectTimeout?: number;
}

/** Writes `~/.ssh/config` of a person at a laptop with these hosts. */
export async function writeSshConfig(home: string, entries: readonly HostEntry[]): Promise<void> {
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const blocks = entries.map(({ alias, port, user, identityFile, proxyJump, connectTimeout }) =>
    [
      `Host ${alias}`,
      "  HostName 127.0.0.1",
      `  Port ${port}`,
      `  User ${user}`,
      "  IdentitiesOnly yes",
      ...(identityFile === undefined ? [] : [`  IdentityFile ${identityFile}`]),
      ...(proxyJump === undefined ? [] : [`  ProxyJump ${proxyJump}`]),
      ...(connectTimeout === undefined ? [] : [`  ConnectTimeout ${connectTimeout}`]),
      "",
    ].join("\n"),
  );
  await writeFile(join(home, ".ssh", "config"), blocks.join("\n"));
}
