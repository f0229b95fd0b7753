import type { OpenApiDocument, Operation } from "../../src/api/http/openapi.js";
import type { Random } from "./random.js";

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What is true on this machine, so that some requests get far. */
export interface World {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly closedPort: number;
  readonly root: string;
  /** Goes into every secret field: it must never be seen again. */
  readonly canary: string;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

const hostile = [
  "",
  " ",
  "\0",
  "\n",
  "../../etc/passwd",
  "$(id)",
  "'; id #",
  "`id`",
  "-oProxyCommand=id",
  "__proto__",
  "constructor",
  "\u202e",
  "中文",
  "%00",
  "%s%n",
  "a@b",
  "a@b:1",
  "[::1]",
  "a".repeat(300),
  "x".repeat(5_000),
  "conn_00000000",
  "SHA256:x",
  "~",
  "/",
  "/proc/self/environ",
  "null",
  "NaN",
] as const;

const anyValue: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  65_536,
  "",
  "a",
  [],
  {},
  [[[]]],
  { __proto__: null },
];

/** Fields whose true values lead somewhere. */
function trueValue(name: string, world: World, random: Random): unknown {
  switch (name) {
    case "host":
      return world.host;
    case "port":
      return random.chance(0.8) ? world.port : world.closedPort;
    case "username":
      return world.user;
    case "private_key_path":
    case "pkey_path":
      return world.identityFile;
    case "password":
    case "passphrase":
    case "key_passphrase":
    case "private_key":
    case "private_key_content":
    case "pkey":
      return random.chance(0.5) ? null : world.canary;
    case "connection_id":
      return `${world.user}@${world.host}:${world.port}`;
    case "path":
    case "remote_root":
      // A root that is there would start a viewer, each of which takes seconds.
      return random.pick(["~", "/no/such/root", "/tmp", "~/none"]);
    case "auth_method":
      return random.pick(["key", "agent", "password"]);
    case "timeout":
      return 1;
    case "env_name":
    case "conda_env":
      return random.pick(["train", "plain", "system"]);
    case "mode":
      return random.pick(["smart", "mirror"]);
    default:
      return undefined;
  }
}

/** Requests from the description of the API: most of them nearly right, some of them nothing at all. */
export function generate(document: OpenApiDocument, world: World, random: Random): FuzzRequest {
  const path = random.pick(Object.keys(document.paths));
  const methods = document.paths[path] ?? {};
  const [method, operation] = random.pick(Object.entries(methods));
  const wrongMethod = random.chance(0.02);
  const body = bodyOf(operation, world, random);
  return {
    method: wrongMethod ? random.pick(["GET", "POST", "DELETE", "PUT", "HEAD"]) : method.toUpperCase(),
    path: addressOf(path, operation, world, random),
    headers: headersOf(random),
    body,
  };
}

function addressOf(path: string, { parameters }: Operation, world: World, random: Random): string {
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: place, required, schema } of parameters) {
    const found = valueFor(name, schema, world, random);
    const value = typeof found === "string" ? found : JSON.stringify(found ?? "");
    const encoded = encodeURIComponent(value);
    if (place === "path") address = address.replace(`{${name}}`, encoded === "" ? "x" : encoded);
    else if (required ? !random.chance(0.03) : random.chance(0.5)) query.append(name, value);
  }
  if (random.chance(0.02)) return `${address}/%e0%a4%a`;
  const text = query.toString();
  return text === "" ? address : `${address}?${text}`;
}

function bodyOf({ requestBody }: Operation, world: World, random: Random): string | undefined {
  if (!requestBody) return random.chance(0.05) ? "{}" : undefined;
  const schema = requestBody.content["application/json"].schema as Schema;
  const text = JSON.stringify(valueFor("", schema, world, random)) ?? "";
  return random.chance(0.05) ? mutated(text, random) : text;
}

/** The same text with a piece cut out, doubled or changed. */
function mutated(text: string, random: Random): string {
  const at = random.integer(text.length + 1);
  const length = random.integer(8);
  const piece = random.pick([
    "",
    text.slice(at, at + length).repeat(2),
    "\\u0000",
    '"',
    "{",
    "\ufffd",
    "1e999",
  ]);
  return text.slice(0, at) + piece + text.slice(at + length);
}

function headersOf(random: Random): Record<string, string> {
  const type = random.chance(0.97)
    ? "application/json"
    : random.pick(["text/plain", "application/json; x", "x"]);
  return {
    "Content-Type": type,
    ...(random.chance(0.02) && {
      Origin: random.pick(["https://evil.example", "null", "http://localhost:1"]),
    }),
    ...(random.chance(0.01) && { Host: random.pick(["evil.example", "localhost"]) }),
  };
}

function valueFor(name: string, schema: Schema, world: World, random: Random, depth = 0): unknown {
  if (random.chance(0.03)) return random.pick(anyValue);
  if (name !== "" && random.chance(0.85)) {
    const known = trueValue(name, world, random);
    if (known !== undefined) return known;
  }
  if (schema.anyOf) return valueFor(name, random.pick(schema.anyOf), world, random, depth);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.items) {
    const length = random.integer(3);
    return Array.from({ length }, () => valueFor("", schema.items ?? {}, world, random, depth + 1));
  }
  if (schema.properties || schema.type === "object") {
    return objectFor(schema, world, random, depth);
  }
  switch (schema.type) {
    case "integer":
    case "number":
      return random.pick([0, 1, -1, schema.minimum ?? 0, schema.maximum ?? 1, random.integer(70_000), 1.5]);
    case "boolean":
      return random.chance(0.5);
    case "null":
      return null;
    default:
      return random.pick(hostile);
  }
}

function objectFor(schema: Schema, world: World, random: Random, depth: number): object {
  const { properties = {}, required = [] } = schema;
  const entries: [string, unknown][] = [];
  for (const [name, field] of Object.entries(properties)) {
    const wanted = required.includes(name) ? !random.chance(0.03) : random.chance(0.5);
    if (wanted && depth < 4) entries.push([name, valueFor(name, field, world, random, depth + 1)]);
  }
  if (random.chance(0.1)) entries.push([random.pick(hostile), random.pick(anyValue)]);
  // A client's own list may hold secrets.
  if (random.chance(0.1)) entries.push(["password", world.canary]);
  return Object.fromEntries(entries);
}
