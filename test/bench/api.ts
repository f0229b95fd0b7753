// How fast the status endpoints answer 64 clients at once, beside Runicorn's own server, in one run:
//   npm run bench:api
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/ports.js";
import { makeHostHome } from "../support/runicorn/hostHome.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { until } from "../support/until.js";

const clients = 64;
const seconds = Number(process.env["BENCH_SECONDS"] ?? 5);
const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 3);
const paths = ["/api/health", "/api/remote/viewer/sessions", "/api/remote/status"];

interface Server {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
}

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

execFileSync(process.execPath, ["esbuild.mjs", "--production"]);
const folder = await mkdtemp(join(tmpdir(), "bench-"));
const host = await makeHostHome();
const servers = [await ours(), await theirs()];
try {
  const rows: Record<string, unknown>[] = [];
  for (const path of paths) {
    const taken = new Map<string, Figures[]>(servers.map(({ name }) => [name, []]));
    for (let turn = 0; turn < repetitions; turn += 1) {
      // The order is reversed each time, so that neither always runs on a warm machine.
      for (const server of turn % 2 === 0 ? servers : [...servers].reverse())
        taken.get(server.name)?.push(await load(server.port, path));
    }
    for (const [name, all] of taken) {
      const median = (figure: keyof Figures): number =>
        all.map((one) => one[figure]).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
      rows.push({
        path,
        server: name,
        "requests/s": Math.round(median("perSecond")),
        "p50 ms": median("p50").toFixed(1),
        "p99 ms": median("p99").toFixed(1),
        failed: all.reduce((sum, { failed }) => sum + failed, 0),
      });
    }
  }
  console.table(rows);
  console.log(
    `${clients} clients, ${repetitions} times ${seconds} s each, load ${loadavg()[0]?.toFixed(1) ?? ""}`,
  );
} finally {
  for (const { child } of servers) {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  }
  await host.dispose();
  await rm(folder, { recursive: true, force: true });
}

async function ours(): Promise<Server> {
  const args = ["dist/headless.js", "serve", "--port", "0", "--data", join(folder, "data")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { name: "Runicorn Remote", port: Number(/:(\d+)\n/.exec(line.toString())?.[1]), child };
}

async function theirs(): Promise<Server> {
  const port = await freePort();
  const python = join(host.home, "projects", "vision", ".venv", "bin", "python");
  const args = [
    "-m",
    "runicorn",
    "viewer",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--storage",
    host.root,
  ];
  const env = { PATH: process.env["PATH"], HOME: host.home, LANG: "C.UTF-8" };
  const child = spawn(python, args, { stdio: "ignore", env });
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/api/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until("Runicorn's server answers", answers, 60_000);
  return { name: `Runicorn ${runicornVersions.oldest}`, port, child };
}

async function load(port: number, path: string): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let failed = 0;
  const end = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const startedAt = performance.now();
      if (await get(port, path, agent)) times.push(performance.now() - startedAt);
      else failed += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? 0;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), failed };
}

function get(port: number, path: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, path, agent }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200));
    });
    sent.on("error", () => resolve(false));
    sent.end();
  });
}
