// Viewers in jobs of a cluster on this machine, by a step of the job and by SSH to its node, and beside them what one would type:
//   npm run bench:slurm
// BENCH_REPETITIONS turns (default 10), order reversed each time.
import { once } from "node:events";
import { appendFile, readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Connection, RemoteProcess } from "../../src/ssh/model/connection.js";
import type { ViewerSession } from "../../src/viewer/session/session.js";
import { bringUp, type User } from "../support/slurm/cluster.js";
import { noCluster } from "../support/slurm/install.js";
import { type Laptop, makeLaptop } from "../support/slurm/laptop.js";
import { until } from "../support/until.js";
import { timeOf } from "./figures.js";

const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 10);
const requests = 20;
const bytes = 20_000_000;
const port = 8099;
const onOneNode = { minutes: 60, options: "--nodelist=node1" };

/** A person with a viewer in a job, whose node is reached in one way. */
interface Way {
  readonly name: string;
  readonly user: User;
  readonly laptop: Laptop;
  readonly jobId: string;
  readonly session: ViewerSession;
}

if (noCluster !== undefined) throw new Error(noCluster);
const cluster = await bringUp();
const version = await cluster.as("alice", "login", "sbatch --version; ssh -V 2>&1");
const taken = new Map<string, Map<string, number[]>>();
const laptops: Laptop[] = [];
try {
  const folder = "mkdir /tmp/bench; cd /tmp/bench; echo hello >line; chmod 755 .";
  await cluster.as("root", "node1", `${folder}; head -c ${bytes} /dev/urandom >file`);
  const serve = `python3 -m http.server ${port} --bind 127.0.0.1 --directory /tmp/bench`;
  await cluster.as("root", "node1", `setsid ${serve} >/dev/null 2>&1 </dev/null &`);
  const ways = [await wayOf("step", "alice"), await wayOf("SSH to the node", "bob")];
  for (let turn = 0; turn < repetitions; turn += 1)
    for (const way of turn % 2 === 0 ? ways : [...ways].reverse()) await measure(way);
  for (const { laptop, session } of ways) await laptop.app.viewers.stop(session.id);
} finally {
  for (const laptop of laptops) await laptop.close();
  await cluster.down();
}
report();

async function wayOf(name: string, user: User): Promise<Way> {
  const key = `  IdentityFile ${cluster.keyOf(user)}`;
  const nodes = name === "step" ? [] : ["Host node1", `  User ${user}`, key, "  IdentitiesOnly yes"];
  const laptop = await makeLaptop(cluster, { user, graceSeconds: 600, nodes });
  laptops.push(laptop);
  if (name !== "step") {
    const line = await readFile(join(cluster.folder, "keys", "host-node1.pub"), "utf8");
    await appendFile(join(laptop.home, ".ssh", "known_hosts"), `node1 ${line.trim()}\n`);
  }
  const { job, inside } = await laptop.job(onOneNode);
  const expected = name === "step" ? "by a step of the job" : "by SSH to node1";
  if (!laptop.log.some((text) => text.includes(expected))) throw new Error(`not ${expected}`);
  await until("the node serves", () => get(inside, "line").then(Boolean, () => false));
  return { name, user, laptop, jobId: job.id, session: await laptop.view(inside) };
}

async function measure(way: Way): Promise<void> {
  const { name, laptop, jobId } = way;
  note("submit to page, ms", name, await submitToPage(laptop));
  const inside = await laptop.enter(jobId);
  for (let times = 0; times < requests; times += 1)
    note("GET on a new stream, ms", name, await timeOf(() => get(inside, "line")));
  note("20 MB, MB/s", name, bytes / 1000 / (await get(inside, "file")).milliseconds);
  if (name === "step") {
    for (const milliseconds of await linesBySrun(way)) note("GET on a new stream, ms", "srun", milliseconds);
    note("20 MB, MB/s", "srun", bytes / 1000 / (await fileBySrun(way)));
  }
  note("way cut to page, ms", name, await cutToPage(way));
}

async function submitToPage(laptop: Laptop): Promise<number> {
  const startedAt = performance.now();
  const { job, inside } = await laptop.job(onOneNode);
  const session = await laptop.view(inside);
  await laptop.page(session.id);
  const milliseconds = performance.now() - startedAt;
  await laptop.app.viewers.stop(session.id);
  await laptop.endOf(job.id);
  return milliseconds;
}

/** The person's session at the login node is killed: from then until the same viewer answers again. */
async function cutToPage({ user, laptop, session }: Way): Promise<number> {
  const isRunning = (): boolean => laptop.app.viewers.get(session.id)?.state.kind === "running";
  const startedAt = performance.now();
  await cluster.as("root", "login", `pkill -KILL -u ${user} sshd`);
  await until("it is lost", () => !isRunning());
  await until("it is back", isRunning, 60_000);
  await laptop.page(session.id);
  return performance.now() - startedAt;
}

/** Asks a plain server on the node. Resolves with the milliseconds from its first byte to its last. */
async function get(inside: Connection, name: string): Promise<{ readonly milliseconds: number }> {
  const stream = await inside.forward("127.0.0.1", port);
  stream.write(`GET /${name} HTTP/1.0\r\n\r\n`);
  const { length, milliseconds } = await drain(stream);
  if (name === "file" && length < bytes) throw new Error(`only ${length} bytes`);
  if (length === 0) throw new Error("no answer");
  return { milliseconds };
}

async function srun({ laptop, jobId }: Way, command: string): Promise<RemoteProcess> {
  const line = `srun -Q -u --overlap --jobid=${jobId} -N1 -n1 ${command}`;
  return (await laptop.login()).spawn(line, { slot: "stays" });
}

/** Milliseconds of lines that go there and come back, through a step that is open. */
async function linesBySrun(way: Way): Promise<number[]> {
  const echo = await srun(way, "cat");
  const times: number[] = [];
  for (let count = 0; count <= requests; count += 1)
    times.push(
      await timeOf(async () => {
        const back = once(echo.stdout, "data");
        echo.stdin.write("hello\n");
        await back;
      }),
    );
  echo.stdin.end();
  await echo.ended;
  // Srun's own start.
  return times.slice(1);
}

async function fileBySrun(way: Way): Promise<number> {
  const { stdout } = await srun(way, "cat /tmp/bench/file");
  const { length, milliseconds } = await drain(stdout);
  if (length !== bytes) throw new Error(`only ${length} bytes`);
  return milliseconds;
}

async function drain(stream: Readable): Promise<{ readonly length: number; readonly milliseconds: number }> {
  let length = 0;
  let firstAt: number | undefined;
  await new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      firstAt ??= performance.now();
      length += chunk.length;
    });
    stream.on("end", resolve);
    stream.on("error", reject);
  });
  return { length, milliseconds: performance.now() - (firstAt ?? 0) };
}

function note(what: string, name: string, figure: number): void {
  const row = taken.get(what) ?? new Map<string, number[]>();
  taken.set(what, row.set(name, [...(row.get(name) ?? []), figure]));
}

/** The worst tenth begins there: with the highest times, and with the lowest speeds. */
function report(): void {
  console.log(
    `${version.replaceAll("\n", ", ")}, ${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1) ?? ""}`,
  );
  console.log(
    `${repetitions} turns: median (p90 of times, p10 of speeds); srun: a line through cat in the place of a GET`,
  );
  const digits = (figure: number): string => figure.toFixed(figure < 100 ? 1 : 0);
  console.table(
    [...taken].map(([what, row]) => ({
      what,
      ...Object.fromEntries(
        [...row].map(([name, all]) => {
          const worst = what.endsWith("MB/s") ? 0.1 : 0.9;
          return [name, `${digits(quantile(all, 0.5))} (${digits(quantile(all, worst))})`];
        }),
      ),
    })),
  );
}

function quantile(all: readonly number[], part: number): number {
  const sorted = [...all].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
