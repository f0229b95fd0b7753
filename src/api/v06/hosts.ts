import { randomInt } from "node:crypto";
import * as z from "zod";
import { Failure } from "../../common/failure.js";
import { type FilesFailure, isFilesFailure } from "../../files/failures.js";
import { systemName } from "../../environments/chooseEnvironment.js";
import { storageRootOf } from "../../environments/environment.js";
import { findStorageRoots, type StorageRoot } from "../../environments/storageRoots.js";
import { connectionIdQuery, integer, text, textOf } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import { maxAges } from "../services/hostEnvironments.js";
import { environmentShape, environmentsOf, pythonVersionOf } from "./shapes.js";

/** Below Linux's default range of ephemeral ports. */
const suggestedPorts = { first: 23_301, last: 32_767 } as const;

const usualDepth = 3;
const deepestSearch = 8;
const mostCandidates = 12;

/** Short enough that a URL with such a name and a path, percent-encoded, fits the server's limit. */
const environmentName = textOf({ most: 1_024 });

/** Scores a root as Runicorn does: mostly by its runs. */
function candidateOf({ path, runs, hasArchive, hasIndex }: StorageRoot) {
  const hasUsualName = /\/(runicorn_data|\.runicorn)$/.test(path);
  const points = [
    runs > 0 ? 100 + Math.min(runs, 20) : 0,
    hasArchive ? 25 : 0,
    hasIndex ? 15 : 0,
    hasUsualName ? 10 : 0,
  ];
  const score = points.reduce((sum, one) => sum + one);
  return { path, run_count: runs, has_archive: hasArchive, has_index: hasIndex, score };
}

/** Routes for a host's environments, Runicorn configuration and folders. */
export const hostRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/remote/conda-envs",
      summary: "List the Python environments of a host",
      query: connectionIdQuery,
      answer: z.object({ ok: z.boolean(), envs: z.array(environmentShape) }),
    },
    async ({ query, signal }, { environments, find }) => {
      const { connection } = find(query.connection_id);
      const found = await environments.list(connection, maxAges.anew, signal);
      return { ok: true, envs: environmentsOf(found.environments) };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/env-configs",
      summary: "Tell the versions of Python and Runicorn of all environments of a host",
      query: connectionIdQuery,
      answer: z.object({
        ok: z.boolean(),
        configs: z.record(
          z.string(),
          z.object({ pythonVersion: z.string().nullable(), runicornVersion: z.string().nullable() }),
        ),
      }),
    },
    async ({ query, signal }, { environments, find }) => {
      const { connection } = find(query.connection_id);
      const found = await environments.list(connection, maxAges.justShown, signal);
      const entries = environmentsOf(found.environments).map(
        ({ name, python_version: pythonVersion, runicorn_version: runicornVersion }) =>
          [name, { pythonVersion, runicornVersion }] as const,
      );
      return { ok: true, configs: Object.fromEntries(entries) };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/storage-candidates",
      summary: "Search a host for storage roots",
      query: connectionIdQuery.extend({
        conda_env: environmentName.default(systemName),
        scan_root: text.optional().meta({ description: "where to begin; the home folder by default" }),
        max_depth: integer().default(usualDepth).meta({ description: "levels of folders, 1 to 8" }),
      }),
      answer: z.object({
        scan_root: z.string().nullable(),
        max_depth: z.int(),
        candidates: z.array(
          z.object({
            path: z.string(),
            run_count: z.int(),
            has_archive: z.boolean(),
            has_index: z.boolean(),
            score: z.int(),
          }),
        ),
      }),
    },
    async ({ query, signal }, { environments, find, onHost }) => {
      const { connection } = find(query.connection_id);
      const options = { maxAge: maxAges.any, paths: false };
      const wanted = query.conda_env || systemName;
      const { host } = await environments.choose(connection, wanted, options, signal);
      const depth = Math.min(Math.max(query.max_depth, 1), deepestSearch);
      const from = query.scan_root || undefined;
      const also = from === undefined && host.storageRoot !== undefined ? [host.storageRoot] : [];
      const search = await onHost(connection, signal, () =>
        findStorageRoots(connection, { from, depth, also, signal }),
      );
      if (search.kind !== "searched") {
        const code = search.kind === "missing" ? "path-missing" : "path-not-folder";
        throw new Failure<FilesFailure>({ code, host: connection.target.host, path: from ?? "~" });
      }
      const candidates = search.roots.map(candidateOf).sort((a, b) => b.score - a.score);
      return {
        scan_root: from ?? null,
        max_depth: depth,
        candidates: candidates.slice(0, mostCandidates),
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/config",
      summary: "Tell what Runicorn on a host uses, and suggest what to start with",
      query: connectionIdQuery.extend({ conda_env: environmentName.default(systemName) }),
      answer: z.object({
        ok: z.boolean(),
        condaEnv: z.string(),
        pythonVersion: z.string().nullable(),
        runicornVersion: z.string().nullable(),
        defaultStorageRoot: z.string(),
        storageRootExists: z.boolean(),
        suggestedRemotePort: z.int(),
        connectionId: z.string(),
        homeDirectory: z.string(),
      }),
    },
    async ({ query, signal }, { app, environments, find, onHost }) => {
      const { connection } = find(query.connection_id);
      const wanted = query.conda_env || systemName;
      const options = { maxAge: maxAges.justShown, paths: false };
      const { environment, host } = await environments.choose(connection, wanted, options, signal);
      const root = storageRootOf(host);
      const exists = await onHost(connection, signal, () => app.files.look(connection, root, signal)).then(
        ({ kind }) => kind === "folder",
        (error: unknown) => {
          if (isFilesFailure(error, "sftp-unavailable", "path-not-permitted")) return false;
          throw error;
        },
      );
      return {
        ok: true,
        condaEnv: wanted,
        pythonVersion: pythonVersionOf(environment),
        runicornVersion: environment.runicornVersion ?? null,
        defaultStorageRoot: root,
        storageRootExists: exists,
        suggestedRemotePort: randomInt(suggestedPorts.first, suggestedPorts.last + 1),
        connectionId: query.connection_id,
        homeDirectory: host.home,
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/fs/list",
      summary: "List a folder of a host",
      query: connectionIdQuery.extend({ path: text.default("~") }),
      answer: z.object({
        path: z.string(),
        items: z.array(
          z.object({
            name: z.string(),
            is_dir: z.boolean(),
            size: z.number().meta({ description: "bytes; 0 for folders" }),
            mtime: z.number().meta({ description: "seconds since the epoch" }),
          }),
        ),
      }),
    },
    async ({ query, signal }, { app, find, onHost }) => {
      const { connection } = find(query.connection_id);
      const { path, entries } = await onHost(connection, signal, () =>
        app.files.list(connection, query.path, signal),
      );
      const items = entries.map(({ name, kind, size, mtime }) => ({
        name,
        is_dir: kind === "folder",
        size,
        mtime,
      }));
      return { path, items };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/fs/exists",
      summary: "Tell whether a path exists on a host",
      query: connectionIdQuery.extend({ path: text }),
      answer: z.object({ path: z.string(), exists: z.boolean(), is_dir: z.boolean() }),
    },
    async ({ query, signal }, { app, find, onHost }) => {
      const { connection } = find(query.connection_id);
      if (query.path === "") return { path: "", exists: false, is_dir: false };
      const { path, kind } = await onHost(connection, signal, () =>
        app.files.look(connection, query.path, signal),
      );
      return { path, exists: kind !== "missing", is_dir: kind === "folder" };
    },
  ),
];
