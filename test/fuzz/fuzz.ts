import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDialects } from "../../src/api/dialects.js";
import { openApiDocument } from "../../src/api/http/openapi.js";
import { freePort } from "../support/ports.js";
import { makeHostHome } from "../support/runicorn/hostHome.js";
import { startSshd } from "../support/sshd.js";
import { type FuzzRequest, generate, type World } from "./generate.js";
import { randomFrom } from "./random.js";

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers that must not be: what was sent, and what came. */
  readonly faults: readonly string[];
  /** MiB of the server's memory: when a tenth of the requests was answered, and at the end. */
  readonly memory: { readonly early: number; readonly late: number };
}

const atOnce = 16;
const mostFaults = 10;

/** Sends generated requests to `serve`, as it is built, on a real sshd with real Runicorn. */
export async function fuzz(count: number, seed: number): Promise<FuzzReport> {
  const host = await makeHostHome();
  const server = await startSshd({ home: host.home, config: ["MaxStartups 100"] });
  const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
  await mkdir(join(folder, ".ssh"), { mode: 0o700 });
  const world: World = {
    host: "127.0.0.1",
    port: server.port,
    user: server.user,
    identityFile: server.identityFile,
    closedPort: await freePort(),
    root: host.root,
    canary: "canary-0f4b1c-secret",
  };
  const api = await serve(folder);
  const faults: string[] = [];
  const statuses: Record<string, number> = {};
  const random = randomFrom(seed);
  const document = openApiDocument(createDialects(), "");
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const startedAt = Date.now();
  let sent = 0;
  let early = 0;

  const check = (sample: FuzzRequest, { status, text }: Answer): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    const fault = faultOf(sample.method, status, text, world.canary);
    if (fault && faults.length < mostFaults)
      faults.push(
        `${fault}: ${sample.method} ${sample.path} ${sample.body?.slice(0, 300) ?? ""} -> ${status} ${text.slice(0, 300)}`,
      );
  };
  const worker = async (): Promise<void> => {
    while (sent < count && api.child.exitCode === null) {
      sent += 1;
      if (sent === Math.floor(count / 10)) early = await memoryOf(api.child);
      // Without these most requests would find nothing to work on.
      const sample = sent % 25 === 1 ? setUp(world, sent) : generate(document, world, random);
      check(sample, await send(api.port, agent, sample));
    }
  };
  try {
    const { type, base64, fingerprint } = server.hostKey;
    const key = { key_type: type, public_key: `${type} ${base64}`, fingerprint_sha256: fingerprint };
    const place = { host: world.host, port: world.port };
    // Only a key that a host has offered may be accepted.
    await send(api.port, agent, post("/api/remote/connect", { ...place, username: server.user }));
    const accept = post("/api/remote/known-hosts/accept", { ...place, ...key });
    const accepted = await send(api.port, agent, accept);
    if (accepted.status !== 200) faults.push(`the host key was not accepted: ${accepted.text}`);
    await Promise.all(Array.from({ length: atOnce }, worker));
    const late = await memoryOf(api.child);
    if (api.child.exitCode !== null)
      faults.push(`the server ended with ${api.child.exitCode}: ${api.log().slice(-2_000)}`);
    if (api.log().includes(world.canary)) faults.push("a secret is in the log");
    const seconds = (Date.now() - startedAt) / 1000;
    return { seed, requests: sent, seconds, statuses, faults, memory: { early, late } };
  } finally {
    agent.destroy();
    api.child.kill("SIGTERM");
    if (api.child.exitCode === null) await once(api.child, "exit");
    await server.stop();
    await host.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Api {
  readonly child: ChildProcess;
  readonly port: number;
  readonly log: () => string;
}

async function serve(folder: string): Promise<Api> {
  const args = ["dist/headless.js", "serve", "--port", "0", "--verbose", "--data", join(folder, "data")];
  const env = { PATH: process.env["PATH"], HOME: folder, LANG: "C.UTF-8" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk) => (log += String(chunk)));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, port: Number(/:(\d+)\n/.exec(line.toString())?.[1]), log: () => log };
}

function post(path: string, body: object): FuzzRequest {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", path, headers, body: JSON.stringify(body) };
}

function setUp({ host, port, user, identityFile }: World, turn: number): FuzzRequest {
  const place = { host, port, username: user, private_key_path: identityFile };
  switch (Math.floor(turn / 25) % 3) {
    case 0:
      return post("/api/remote/connect", { ...place, auth_method: "key" });
    case 1:
      return post("/api/unified/connect", place);
    default:
      return post("/api/remote/connect", { ...place, use_agent: false });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(port: number, agent: Agent, { method, path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const outgoing = request({ host: "127.0.0.1", port, agent, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", () => resolve({ status: 0, text: "the answer broke off" }));
    });
    outgoing.on("error", (error) => resolve({ status: 0, text: error.message }));
    outgoing.end(body);
  });
}

/** A 5xx must be a failure that has a name; a secret must never come back. */
function faultOf(method: string, status: number, text: string, canary: string): string | undefined {
  if (status === 0) return "no answer";
  if (text.includes(canary)) return "a secret came back";
  if (/\bat .*\.[jt]s:\d+/.test(text)) return "a stack came back";
  // The answer to HEAD has no body to tell by.
  if (status < 500 || method === "HEAD") return undefined;
  return /Internal Server Error|internal_error/i.test(text) || !/"(detail|error)":/.test(text)
    ? "a mistake of ours"
    : undefined;
}

async function memoryOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, "utf8").catch(() => "");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
