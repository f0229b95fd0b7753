import * as z from "zod";
import type { PythonEnvironment } from "../../environments/environment.js";
import { mayBeTaken, systemName } from "../../environments/chooseEnvironment.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { inOneLine } from "../../messages/lastLines.js";
import { portOf, type SessionState, type ViewerSession } from "../../viewer/session/session.js";
import { hostOfName } from "../../ssh/hostKeys/knownHostsFile.js";
import { publicId } from "../services/connectionIds.js";

/* The response schemas of version 0.6; field names and casing are those of its server and its web page. */

export const ok = z.object({ ok: z.boolean(), message: z.string() });

export const connectionShape = z
  .object({
    key: z.string(),
    host: z.string(),
    port: z.int(),
    username: z.string(),
    connected: z.boolean(),
  })
  .meta({ title: "Connection" });

export function connectionOf(connection: Connection): z.infer<typeof connectionShape> {
  const { endpoint, target, state } = connection;
  return {
    key: publicId(connection),
    host: target.host,
    port: endpoint.port,
    username: endpoint.user,
    connected: state === "open",
  };
}

export const sessionShape = z
  .object({
    sessionId: z.string().meta({ description: "8 hex digits" }),
    host: z.string().meta({ description: "the SSH host" }),
    sshPort: z.int(),
    username: z.string(),
    localPort: z.int().nullable(),
    remotePort: z.int().nullable(),
    remoteRoot: z.string(),
    remotePid: z.int().nullable(),
    condaEnv: z.string(),
    status: z
      .enum(["connecting", "running", "reconnecting", "stopped", "failed", "degraded", "disconnected"])
      .meta({ description: "the last two only where it was started with saved_server_id" }),
    startedAt: z.int().meta({ description: "milliseconds since the epoch" }),
    uptimeSeconds: z.int(),
    isActive: z.boolean(),
    url: z.string().nullable(),
    error: z.string().optional(),
  })
  .meta({ title: "ViewerSession" });

export function sessionOf(session: ViewerSession): z.infer<typeof sessionShape> {
  const { state } = session;
  const { user, port } = splitId(session.connectionId);
  const remote = "remote" in state ? state.remote : undefined;
  const isActive = state.kind === "running" || state.kind === "reconnecting";
  const localPort = isActive ? state.localPort : null;
  return {
    sessionId: session.id,
    host: session.host,
    sshPort: port,
    username: user,
    localPort,
    remotePort: portOf(remote?.address) ?? null,
    remoteRoot: session.root,
    remotePid: remote?.pid ?? null,
    condaEnv: session.environment.name,
    status: statusOf(state),
    startedAt: session.startedAt,
    uptimeSeconds: Math.max(0, Math.floor((Date.now() - session.startedAt) / 1000)),
    isActive,
    url: localPort === null ? null : `http://localhost:${localPort}`,
    ...(state.kind === "failed" && { error: inOneLine(describeFailure(state.failure)) }),
  };
}

function statusOf(state: SessionState): z.infer<typeof sessionShape>["status"] {
  switch (state.kind) {
    case "starting":
      return "connecting";
    case "running":
    case "reconnecting":
      return state.kind;
    case "stopping":
    case "stopped":
      return "stopped";
    case "failed":
      return "failed";
  }
}

/** Splits a pool's connection id: `user@host:port`, optionally followed by ` via …`. */
function splitId(id: string): { user: string; port: number } {
  const [place = ""] = id.split(" via ");
  const at = place.lastIndexOf("@");
  return { user: place.slice(0, at), port: Number(place.slice(place.lastIndexOf(":") + 1)) };
}

export const environmentShape = z
  .object({
    name: z.string(),
    type: z.string(),
    python_version: z
      .string()
      .nullable()
      .meta({ examples: ["Python 3.11.9"] }),
    path: z.string(),
    is_default: z.boolean(),
    isDefault: z.boolean(),
    runicorn_version: z.string().nullable(),
    env_path: z.string(),
    error: z.string().nullable(),
  })
  .meta({ title: "Environment" });

/**
 * The default is the first environment that can start a viewer, else the first that works. The Python on the host's PATH
 * gets the name that clients use without listing the environments first.
 */
export function environmentsOf(
  environments: readonly PythonEnvironment[],
): z.infer<typeof environmentShape>[] {
  const first =
    environments.find(mayBeTaken) ??
    environments.find(({ problem, isOthers }) => problem === undefined && !isOthers);
  const isNameFree = environments.every(({ name }) => name !== systemName);
  const system = isNameFree ? environments.find(({ kind }) => kind === "system") : undefined;
  return environments.map((environment) => ({
    name: environment === system ? systemName : environment.name,
    type: environment.kind,
    python_version: pythonVersionOf(environment),
    path: environment.python,
    is_default: environment === first,
    isDefault: environment === first,
    runicorn_version: environment.runicornVersion ?? null,
    env_path: environment.prefix,
    error: environment.problem ?? null,
  }));
}

export function pythonVersionOf({ pythonVersion }: PythonEnvironment): string | null {
  return pythonVersion === undefined ? null : `Python ${pythonVersion}`;
}

export const knownHostShape = z
  .object({
    host: z.string(),
    port: z.int(),
    known_hosts_host: z.string(),
    key_type: z.string(),
    key_base64: z.string(),
    fingerprint_sha256: z.string(),
    hashed: z.boolean(),
    marker: z.string().nullable(),
    comment: z.string(),
  })
  .meta({ title: "KnownHost" });

export function knownHostOf(entry: KnownHostEntry): z.infer<typeof knownHostShape> {
  const [first = ""] = entry.hosts.split(",");
  return {
    ...hostOfName(first),
    known_hosts_host: entry.hosts,
    key_type: entry.key.type,
    key_base64: entry.key.base64,
    fingerprint_sha256: entry.key.fingerprint,
    hashed: entry.hashed,
    marker: entry.marker ?? null,
    comment: entry.comment,
  };
}
