// How long synchronising takes, side by side with what one would use instead, in one run:
//   npm run bench:sync
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Connection } from "../../src/ssh/model/connection.js";
import { openCache } from "../../src/sync/cache/cache.js";
import { createLinkSpeed } from "../../src/sync/remote/linkSpeed.js";
import { runPass } from "../../src/sync/pass/pass.js";
import { openRemoteFiles } from "../../src/sync/helper/openRemoteFiles.js";
import type { RemoteFiles } from "../../src/sync/remote/remoteFiles.js";
import { createTestClient, credentialsOf, targetOf, type TestClient, trusting } from "../support/client.js";
import { ensureProgram } from "../support/packages.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { behindLine, median } from "./figures.js";
import { walkWithSftp } from "./sftpWalk.js";

const run = promisify(execFile);
const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 5);
const walkedFiles = 60;

interface Row {
  readonly what: string;
  readonly rtt: number;
  readonly ours: number;
  readonly rsync: number;
  readonly sftp?: number;
  readonly target: string;
}

const rows: Row[] = [];
const folder = await mkdtemp(join(tmpdir(), "bench-"));
const rsyncProgram = ensureProgram("rsync", "rsync");
const sshd = await startSshd({ config: ["MaxStartups 100"] });

for (const rtt of [0, 50]) {
  const { host, endLine } = await behindLine(sshd, rtt);
  await firstSync(host, rtt);
  await unchangedScan(host, rtt);
  await growingLogs(host, rtt);
  endLine();
}
await sshd.stop();
await rm(folder, { recursive: true, force: true });

console.log(`\n${repetitions} repetitions, medians, load ${loadavg()[0]?.toFixed(1) ?? ""} at the end`);
console.table(
  rows.map(({ what, rtt, ours, rsync, sftp, target }) => ({
    what,
    "round trip, ms": rtt,
    ours: round(ours),
    "rsync -a": round(rsync),
    "ours / rsync": round(ours / rsync),
    target,
    ...(sftp !== undefined && { "SFTP, one by one": round(sftp) }),
  })),
);

async function firstSync(host: Sshd, rtt: number): Promise<void> {
  const root = join(folder, `small-${rtt}`);
  await makeFiles(root, 2_000, 100, 4_096);
  const ours: number[] = [];
  const rsync: number[] = [];
  for (let turn = 0; turn < repetitions; turn += 1) {
    await withClient(host, async (connection) => {
      ours.push(await timed(async () => (await mirror(connection, root)).close()));
    });
    rsync.push(await timed(() => rsyncFrom(host, root, join(folder, `rsync-${rtt}-${turn}`))));
  }
  const sftp = await timed(() => walkWithSftp(host, root, join(folder, `sftp-${rtt}`), walkedFiles));
  const scaled = (sftp / walkedFiles) * 2_000;
  rows.push({
    what: "first sync of 2,000 files of 4 KiB, ms",
    rtt,
    ours: median(ours),
    rsync: median(rsync),
    sftp: scaled,
    target: "<= 0.5",
  });
}

async function unchangedScan(host: Sshd, rtt: number): Promise<void> {
  const root = join(folder, `many-${rtt}`);
  await makeFiles(root, 20_000, 100, 16);
  const ours: number[] = [];
  const cold: number[] = [];
  const rsync: number[] = [];
  const copy = join(folder, `many-rsync-${rtt}`);
  await rsyncFrom(host, root, copy);
  await withClient(host, async (connection) => {
    const one = await mirror(connection, root);
    for (let turn = 0; turn < repetitions; turn += 1) {
      ours.push(await timed(() => one.pass()));
      const fresh = await openRemoteFiles(connection);
      cold.push(await timed(() => one.pass(fresh)));
      fresh.close();
      rsync.push(await timed(() => rsyncFrom(host, root, copy)));
    }
    one.close();
  });
  const what = "scan of 20,000 unchanged files";
  rows.push({ what: `${what}, ms`, rtt, ours: median(ours), rsync: median(rsync), target: "<= 0.3" });
  rows.push({
    what: `${what}, the first after connecting, ms`,
    rtt,
    ours: median(cold),
    rsync: median(rsync),
    target: "",
  });
}

async function growingLogs(host: Sshd, rtt: number): Promise<void> {
  const root = join(folder, `logs-${rtt}`);
  await makeFiles(join(root, "runs", "bench"), 100, 1, 256 * 1024, "logs.txt");
  const addition = 32 * 1024;
  const times: number[] = [];
  const bytes: number[] = [];
  const rsyncTimes: number[] = [];
  const rsyncBytes: number[] = [];
  const copy = join(folder, `logs-rsync-${rtt}`);
  await rsyncFrom(host, root, copy);
  await withClient(host, async (connection) => {
    const one = await mirror(connection, root);
    for (let turn = 0; turn < repetitions; turn += 1) {
      for (let log = 0; log < 100; log += 1) {
        await appendFile(join(root, "runs", "bench", String(log), "logs.txt"), randomBytes(addition));
      }
      const before = one.remote.received;
      times.push(await timed(() => one.pass()));
      bytes.push((one.remote.received - before) / (100 * addition));
      rsyncTimes.push(
        await timed(async () => void rsyncBytes.push((await rsyncFrom(host, root, copy)) / (100 * addition))),
      );
    }
    one.close();
  });
  const what = "100 logs that grew by 32 KiB each";
  rows.push({ what: `${what}, ms`, rtt, ours: median(times), rsync: median(rsyncTimes), target: "" });
  rows.push({
    what: `${what}, bytes received / appended`,
    rtt,
    ours: median(bytes),
    rsync: median(rsyncBytes),
    target: "ours <= 1.1",
  });
}

interface Mirror {
  readonly remote: RemoteFiles;
  pass(remote?: RemoteFiles): Promise<unknown>;
  close(): void;
}

let mirrors = 0;

/** A new copy of the root, after its first pass. */
async function mirror(connection: Connection, root: string): Promise<Mirror> {
  const cache = await openCache(join(folder, `cache-${(mirrors += 1)}`));
  const remote = await openRemoteFiles(connection);
  const { signal } = new AbortController();
  const options = { cache, root, mode: "mirror", link: createLinkSpeed(), signal } as const;
  await runPass({ ...options, remote });
  return {
    remote,
    pass: (other = remote) => runPass({ ...options, remote: other }),
    close: () => remote.close(),
  };
}

/** @returns the bytes that rsync received. */
async function rsyncFrom({ port, user, identityFile }: Sshd, from: string, to: string): Promise<number> {
  const options = [
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    "IdentitiesOnly=yes",
  ];
  const ssh = [
    "ssh",
    "-F",
    "none",
    "-p",
    String(port),
    "-i",
    identityFile,
    ...options.flatMap((one) => ["-o", one]),
  ];
  const source = `${user}@127.0.0.1:${from}/`;
  const { stdout } = await run(rsyncProgram, ["-a", "--stats", "-e", ssh.join(" "), source, `${to}/`]);
  return Number(/Total bytes received: ([\d,]+)/.exec(stdout)?.[1]?.replaceAll(",", ""));
}

async function withClient<T>(host: Sshd, work: (connection: Connection) => Promise<T>): Promise<T> {
  const client: TestClient = await createTestClient();
  try {
    const request = { target: targetOf(host), credentials: credentialsOf(host) };
    return await work(await client.connections.connect(request, trusting));
  } finally {
    await client.dispose();
  }
}

async function makeFiles(
  root: string,
  count: number,
  perFolder: number,
  size: number,
  name?: string,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const parent = join(root, String(Math.floor(index / perFolder)));
    await mkdir(parent, { recursive: true });
    await writeFile(join(parent, name ?? `${index}.bin`), randomBytes(size));
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
