import { execFileSync } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../src/common/failure.js";
import { silentLogger } from "../../src/common/logger.js";
import type { Connections } from "../../src/ssh/connections.js";
import type { Connection } from "../../src/ssh/model/connection.js";
import { type Cache, openCache } from "../../src/sync/cache/cache.js";
import type { CopyMode } from "../../src/sync/runIndex/layout.js";
import { createLinkSpeed } from "../../src/sync/remote/linkSpeed.js";
import { runPass } from "../../src/sync/pass/pass.js";
import type { PassResult } from "../../src/sync/pass/passOptions.js";
import { openRemoteFiles } from "../../src/sync/helper/openRemoteFiles.js";
import { openPortable } from "../../src/sync/helper/portable.js";
import type { RemoteFiles } from "../../src/sync/remote/remoteFiles.js";
import { createSyncs, type Syncs, type SyncsOptions } from "../../src/sync/syncs.js";
import { createTestClient, credentialsOf, targetOf, type TestClient, trusting } from "./client.js";
import { ensureProgram } from "./packages.js";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.js";

/** A folder with links to busybox under each of its names, and nothing else. */
function busyboxFolder(): string {
  const busybox = ensureProgram("busybox", "busybox");
  const folder = mkdtempSync(join(tmpdir(), "busybox-"));
  execFileSync(busybox, ["--install", "-s", folder]);
  return folder;
}

/** A folder with a Python, and a `find` that knows no `-printf`: the helper must list by itself. */
function pythonFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "python-"));
  const python = execFileSync("sh", ["-c", "command -v python3"]).toString().trim();
  symlinkSync(python, join(folder, "python3"));
  writeFileSync(join(folder, "find"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return folder;
}

/** A host with a root, a connection to it and an empty cache. */
export interface SyncRig {
  readonly sshd: Sshd;
  readonly client: TestClient;
  readonly connection: Connection;
  readonly remote: RemoteFiles;
  /** The root on the host, which is this machine. */
  readonly root: string;
  readonly cacheFolder: string;
  /** The copied files. */
  readonly copy: string;
  readonly cache: Cache;
  pass(mode?: CopyMode, signal?: AbortSignal): Promise<PassResult>;
  /** The same into another cache, or the same folder's in another window. */
  passInto(cache: Cache, mode?: CopyMode, signal?: AbortSignal): Promise<PassResult>;
  dispose(): Promise<void>;
}

export interface SyncRigOptions extends SshdOptions {
  /** The host has nothing but busybox, and the files are read with that. */
  readonly busyboxOnly?: boolean;
  /** The host has a Python, and a `find` that is of no use to it. */
  readonly withoutFind?: boolean;
  /** The files are read with the system's own POSIX tools. */
  readonly withoutPython?: boolean;
  /** Milliseconds without a byte after which the helper is given up. */
  readonly silence?: number;
}

/** For `describe.each`: what the files of a host are read with. */
export const ways: readonly (readonly [string, SyncRigOptions])[] = [
  ["with Python", {}],
  ["with the system's POSIX tools alone", { withoutPython: true }],
  ["with busybox alone", { busyboxOnly: true }],
];

export async function createSyncRig(options: SyncRigOptions = {}): Promise<SyncRig> {
  const programs = options.busyboxOnly ? busyboxFolder() : options.withoutFind ? pythonFolder() : undefined;
  const usual = options.withoutFind ? ":/usr/local/bin:/usr/bin:/bin" : "";
  const sshd = await startSshd({
    ...options,
    ...(programs !== undefined && { path: `${programs}${usual}` }),
  });
  const client = await createTestClient();
  const request = { target: targetOf(sshd), credentials: credentialsOf(sshd) };
  const connection = await client.connections.connect(request, trusting);
  const folder = await mkdtemp(join(tmpdir(), "sync-"));
  const root = join(folder, "root");
  const cacheFolder = join(folder, "cache");
  await mkdir(root);
  const cache = await openCache(cacheFolder);
  const isPortable = options.busyboxOnly || options.withoutPython;
  const remote = isPortable ? openPortable(connection) : await openRemoteFiles(connection, options);
  const link = createLinkSpeed();
  const passInto: SyncRig["passInto"] = (into, mode = "mirror", signal = new AbortController().signal) =>
    runPass({ remote, cache: into, root, mode, link, signal });
  return {
    sshd,
    client,
    connection,
    remote,
    root,
    cacheFolder,
    copy: join(cacheFolder, "files"),
    cache,
    pass: (...how) => passInto(cache, ...how),
    passInto,
    dispose: async () => {
      remote.close();
      await client.dispose();
      await sshd.stop();
      for (const one of [folder, ...(programs === undefined ? [] : [programs])])
        await rm(one, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A host that nobody can connect to again without a person. */
export function neverAgain(): Promise<never> {
  return Promise.reject(new Failure({ code: "authentication-failed" }));
}

/** Syncs whose lost hosts are not connected to again. @param dataFolder absolute path. */
export function createTestSyncs(
  connections: Connections,
  dataFolder: string,
  more: Partial<SyncsOptions> = {},
): Syncs {
  return createSyncs({ dataFolder, connections, connectAgain: neverAgain, logger: silentLogger, ...more });
}
