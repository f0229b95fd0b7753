import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { alwaysTellsAccounts, untold } from "../../support/serveProcess.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

let data: string;
let host: HostHome;
let server: Sshd;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "data-"));
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
});
afterAll(async () => {
  await server.stop();
  await host.dispose();
  await rm(data, { recursive: true });
});

function serve(...args: string[]): ChildProcess {
  return spawn(process.execPath, serveArguments(args), serveOptions());
}

const serveArguments = (args: readonly string[]): string[] => [
  "dist/headless.js",
  "serve",
  "--data",
  data,
  ...args,
];
const serveOptions = (): SpawnOptions => ({
  env: { ...process.env, HOME: data, SSH_AUTH_SOCK: "" },
  stdio: ["ignore", "pipe", "pipe"],
});

/** With a token that is never in a file, as a person writes it in a shell. */
function serveWithPipe(token: string): ChildProcess {
  const script = 'token=$1; shift; exec "$@" --token-file <(echo "$token")';
  const program = [process.execPath, ...serveArguments(["--port", "0"])];
  return spawn("bash", ["-c", script, "bash", token, ...program], serveOptions());
}

/** The address it says that it listens on. */
async function listening(child: ChildProcess): Promise<string> {
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
  const url = /^Listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line.toString())?.[1];
  if (url === undefined) throw new Error(`it said ${line.toString()}`);
  return url;
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

describe("serve", () => {
  it("says where it listens, and ends with 0 and nothing left on the host at SIGTERM", async () => {
    const child = serve("--port", "0");
    const url = await listening(child);
    expect(await (await fetch(`${url}/api/health`)).json()).toMatchObject({ status: "ok", storage: data });
    const place = { host: "127.0.0.1", port: server.port, username: server.user };
    const start = { ...place, private_key_path: server.identityFile, remote_root: host.root };
    const asked = (await (await post(`${url}/api/remote/viewer/start`, start)).json()) as {
      detail: { host_key: object };
    };
    await post(`${url}/api/remote/known-hosts/accept`, asked.detail.host_key);
    const started = (await (await post(`${url}/api/remote/viewer/start`, start)).json()) as {
      session: { remotePid: number };
    };
    const { remotePid } = started.session;
    expect(() => process.kill(remotePid, 0)).not.toThrow();
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(() => process.kill(remotePid, 0)).toThrow();
  });

  it("ends with 1 and a sentence when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const child = serve("--port", String(port));
    let said = "";
    child.stderr?.on("data", (chunk) => (said += String(chunk)));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(said).toContain(`Port ${port} on this machine is already in use.`);
    other.close();
  });

  it.skipIf(alwaysTellsAccounts !== undefined)(
    "says that every account may use it where the system does not tell whose programs ask",
    async () => {
      const hidden = (...args: string[]): ChildProcess => {
        const program = [
          process.execPath,
          "dist/headless.js",
          "serve",
          "--port",
          "0",
          "--data",
          data,
          ...args,
        ];
        const [command = "", ...words] = untold;
        return spawn(command, [...words, ...program], { stdio: ["ignore", "pipe", "pipe"] });
      };
      const child = hidden();
      let said = "";
      child.stderr?.on("data", (chunk) => (said += String(chunk)));
      const url = await listening(child);
      expect((await fetch(`${url}/api/health`)).status).toBe(200);
      child.kill("SIGTERM");
      await once(child, "close");
      expect(said).toMatch(/^Every account of this machine may use the API.* --token-file FILE /);

      const file = join(data, "token-of-hidden");
      await writeFile(file, "a-token-of-enough-characters\n");
      const guarded = hidden("--token-file", file);
      said = "";
      guarded.stderr?.on("data", (chunk) => (said += String(chunk)));
      await listening(guarded);
      guarded.kill("SIGTERM");
      await once(guarded, "close");
      expect(said).toBe("");
    },
  );

  it("wants the token that comes by a pipe", async () => {
    const child = serveWithPipe("a-token-of-enough-characters");
    const url = await listening(child);
    expect((await fetch(`${url}/api/health`)).status).toBe(401);
    const headers = { Authorization: "Bearer a-token-of-enough-characters" };
    expect((await fetch(`${url}/api/health`, { headers })).status).toBe(200);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await once(serveWithPipe("short"), "exit")).toEqual([1, null]);
  });

  it("wants the token of a token file, and no file without a good one", async () => {
    const file = join(data, "token");
    await writeFile(file, "a-token-of-enough-characters\n");
    const child = serve("--port", "0", "--token-file", file);
    const url = await listening(child);
    expect((await fetch(`${url}/api/health`)).status).toBe(401);
    const headers = { Authorization: "Bearer a-token-of-enough-characters" };
    expect((await fetch(`${url}/api/health`, { headers })).status).toBe(200);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    await writeFile(file, "short\n");
    expect(await once(serve("--port", "0", "--token-file", file), "exit")).toEqual([1, null]);
    // What lies in the data folder is closed to others there.
    const elsewhere = join(host.home, "token");
    await writeFile(elsewhere, "a-token-of-enough-characters\n");
    await chmod(elsewhere, 0o666);
    const refused = serve("--port", "0", "--token-file", elsewhere);
    let said = "";
    refused.stdout?.resume();
    refused.stderr?.on("data", (chunk) => (said += String(chunk)));
    expect(await once(refused, "close")).toEqual([1, null]);
    expect(said).toContain(`Other accounts of this machine may write into ${elsewhere} (mode 666)`);
  });
});
