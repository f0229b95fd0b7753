import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDialects } from "../../src/api/dialects.js";
import { openApiDocument } from "../../src/api/http/openapi.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { ensureRunicorn, runicornVersions } from "../support/runicorn/install.js";
import { basePython } from "../support/runicorn/python.js";
import { type ServeProcess, startServe } from "../support/serveProcess.js";
import { type Sshd, startSshd } from "../support/sshd.js";

/** The newest Runicorn that we know as a client, and what its own server takes beside what ours takes. */

const run = promisify(execFile);
let home: string;
let packages: string;

/** Runs Python with the packages of the newest Runicorn. @returns what it printed last. */
async function python(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    PYTHONPATH: packages,
    RUNICORN_DIR: join(home, "root"),
  };
  const { stdout } = await run(basePython().executable, [...args], { env, maxBuffer: 10_000_000 });
  return stdout.trim().split("\n").at(-1) ?? "";
}

beforeAll(async () => {
  packages = await ensureRunicorn(runicornVersions.newest);
  home = await mkdtemp(join(tmpdir(), "client-"));
  await mkdir(join(home, "root"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

interface Document {
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly securitySchemes?: object;
  };
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[];
            readonly requestBody?: {
              readonly content: { readonly "application/json": { readonly schema: Schema } };
            };
          }
        >
      >
    >
  >;
}

interface Fields {
  readonly known: readonly string[];
  readonly required: readonly string[];
}

/** What each operation takes: one list of fields for every shape that its request may have. */
function requests(document: Document): Map<string, Fields[]> {
  const resolved = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : (document.components?.schemas?.[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith("/api/remote/"));
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const body = resolved(requestBody?.content["application/json"].schema ?? {});
      const shapes = (body.anyOf ?? [body]).map(resolved).map(({ properties = {}, required = [] }) => ({
        known: [...parameters.map(({ name }) => name), ...Object.keys(properties)],
        required: [...parameters.filter((one) => one.required).map(({ name }) => name), ...required],
      }));
      return [`${method.toUpperCase()} ${path}`, shapes] as const;
    }),
  );
  return new Map(operations);
}

/** What the newest server takes and ours does not, each with the reason why that is right. */
const exceptions: readonly string[] = [];

describe(`Runicorn ${runicornVersions.newest}`, () => {
  it("takes no request on its remote paths that ours does not take", async () => {
    const script =
      "import json; from runicorn.viewer import create_app; print(json.dumps(create_app().openapi()))";
    const theirs = requests(JSON.parse(await python("-c", script)) as Document);
    const ours = requests(openApiDocument(createDialects(), "1"));
    expect(theirs.size).toBeGreaterThan(15);
    const missing: string[] = [];
    for (const [operation, [wanted = { known: [], required: [] }]] of theirs) {
      const shapes = ours.get(operation);
      if (!shapes) missing.push(operation);
      else if (
        !shapes.some(
          ({ known, required }) =>
            wanted.known.every((name) => known.includes(name)) &&
            required.every((name) => wanted.required.includes(name)),
        )
      )
        missing.push(`${operation}: ${JSON.stringify({ wanted, shapes })}`);
    }
    expect(missing).toEqual(exceptions);
  });

  it("is the newest there is, else a line says so", async () => {
    const pip = ["-m", "pip", "index", "versions", "runicorn", "--disable-pip-version-check", "--no-input"];
    const said = await run(basePython().executable, pip, { timeout: 20_000 }).catch(() => undefined);
    const newest = /^runicorn \(([\d.]+)\)/m.exec(said?.stdout ?? "")?.[1];
    if (newest !== undefined && newest !== runicornVersions.newest)
      console.warn(`Runicorn ${newest} is out; the tests know ${runicornVersions.newest} (install.ts).`);
  }, 30_000);
});

describe(`the client class of Runicorn ${runicornVersions.newest}`, () => {
  let host: HostHome;
  let server: Sshd;
  let api: ServeProcess;

  beforeAll(async () => {
    host = await makeHostHome();
    await mkdir(join(host.root, "runs", "a", "one"), { recursive: true });
    await writeFile(join(host.root, "runs", "a", "one", "meta.json"), "{}");
    server = await startSshd({ home: host.home });
    api = await startServe(home);
  });
  afterAll(async () => {
    await api.end();
    await server.stop();
    await host.dispose();
  });

  it("goes from connect to disconnect, unchanged", async () => {
    const place = {
      host: "127.0.0.1",
      port: server.port,
      username: server.user,
      private_key_path: server.identityFile,
      root: host.root,
    };
    const line = await python(resolve("test/conformance/newestClient.py"), api.url, JSON.stringify(place));
    expect(JSON.parse(line.replace(/^said /, ""))).toEqual({
      asked: "unknown",
      connected: true,
      refused: expect.stringContaining("Login failed: the private key cannot be used"),
      candidates: [expect.objectContaining({ path: host.root, run_count: 1 })],
      health: "ok",
      sessions: [true],
      status: 1,
      stopped: true,
      left: [],
      disconnected: true,
      ssh: [],
    });
  }, 60_000);
});
