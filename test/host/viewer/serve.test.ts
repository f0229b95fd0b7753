import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { paired } from "../../support/matrix.js";
import { ensureRunicorn, runicornVersions } from "../../support/runicorn/install.js";
import { until } from "../../support/until.js";

/* What serve.py changes for the application that uvicorn serves, by an application that says what it is asked. */

const application = `
import json, os, uvicorn

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [[name.decode(), value.decode()] for name, value in scope["headers"]]
    body = json.dumps({"client": scope["client"], "scheme": scope["scheme"], "headers": headers}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})

made = (lambda: app) if os.environ["MADE"] == "factory" else app
uvicorn.run(made, factory=made is not app, host="0.0.0.0", port=1, log_level="info", forwarded_allow_ips="*")
`;

let folder: string;
let child: ChildProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "serve-"));
  await writeFile(join(folder, "echoing.py"), application);
});
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await rm(folder, { recursive: true });
});

async function start(version: string, made: string): Promise<string> {
  const packages = await ensureRunicorn(version);
  const socket = join(folder, "place", "v");
  const program = resolve("src/viewer/remote/listening/serve.py");
  child = spawn(join(packages, "../../../bin/python"), [program, socket, "-m", "echoing"], {
    env: { PATH: process.env["PATH"], PYTHONPATH: folder, MADE: made },
    stdio: "ignore",
  });
  return socket;
}

async function serve(version: string, made: string): Promise<string> {
  const socket = await start(version, made);
  await until("it listens", () => existsSync(socket));
  return socket;
}

async function ask(socketPath: string, headers: Record<string, string>): Promise<unknown> {
  const asked = request({ socketPath, path: "/", headers: { host: "localhost", ...headers } }).end();
  const [answer] = (await once(asked, "response")) as [NodeJS.ReadableStream];
  return JSON.parse(await text(answer)) as unknown;
}

describe("with the packages of Runicorn", () => {
  it.each(paired(["factory", "application"], Object.values(runicornVersions)))(
    "tells an application of a client on this machine and of no proxy (%s, version %s)",
    async (made, version) => {
      const socket = await serve(version, made);
      const told = {
        "X-Forwarded-For": "203.0.113.9",
        "x-forwarded-proto": "https",
        "X-FORWARDED-HOST": "bad.example",
        Forwarded: "for=203.0.113.9",
        "X-Real-IP": "203.0.113.9",
        "x-else": "stays",
      };
      expect(await ask(socket, told)).toEqual({
        client: ["127.0.0.1", 0],
        scheme: "http",
        headers: expect.toSatisfy((all: [string, string][]) => {
          const names = all.map(([name]) => name).filter((name) => name !== "connection");
          return names.join() === "host,x-else";
        }) as unknown,
      });
    },
  );
});

it("ends where a link has the name of its folder", async () => {
  await writeFile(join(folder, "elsewhere"), "");
  await symlink(join(folder, "elsewhere"), join(folder, "place"));
  await start(runicornVersions.newest, "factory");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).not.toBe(0);
  expect(lstatSync(join(folder, "place")).isSymbolicLink()).toBe(true);
});
