import { randomInt } from "node:crypto";
import * as z from "zod";
import { isFailure } from "../../common/failure.js";
import { chooseEnvironment } from "../../environments/chooseEnvironment.js";
import { connectionIdQuery, text } from "../fields.js";
import { type Route, route } from "../route.js";
import { environmentShape, environmentsOf, pythonVersionOf } from "./shapes.js";

/** Below the range from which Linux hands out ports by itself. */
const suggestedPorts = { first: 23_301, last: 32_767 } as const;

/** What lives on a host: environments, Runicorn's configuration, folders. */
export const hostRoutes: readonly Route[] = [
  route(
    {
      method: "GET",
      path: "/api/remote/conda-envs",
      summary: "List the Python environments of a host",
      query: connectionIdQuery,
      answer: z.object({ ok: z.boolean(), envs: z.array(environmentShape) }),
    },
    async ({ query, signal }, { app, find, onHost }) => {
      const { connection } = find(query.connection_id);
      const found = await onHost(connection, signal, () => app.environments.list(connection, { signal }));
      return { ok: true, envs: environmentsOf(found.environments) };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/config",
      summary: "Tell what Runicorn on a host uses, and suggest what to start with",
      query: connectionIdQuery.extend({ conda_env: text.default("system") }),
      answer: z.object({
        ok: z.boolean(),
        condaEnv: z.string(),
        pythonVersion: z.string().nullable(),
        runicornVersion: z.string().nullable(),
        defaultStorageRoot: z.string(),
        storageRootExists: z.boolean(),
        suggestedRemotePort: z.int(),
        connectionId: z.string(),
      }),
    },
    async ({ query, signal }, { app, find, onHost }) => {
      const { connection } = find(query.connection_id);
      return onHost(connection, signal, async () => {
        const found = await app.environments.list(connection, { signal });
        const environment = chooseEnvironment(found, query.conda_env, connection.target.host);
        const root = found.storageRoot ?? `${found.home}/runicorn_data`;
        const exists = await app.files.look(connection, root, signal).then(
          ({ kind }) => kind === "folder",
          (error: unknown) => {
            if (isFailure(error, "sftp-unavailable") || isFailure(error, "path-not-permitted")) return false;
            throw error;
          },
        );
        return {
          ok: true,
          condaEnv: query.conda_env,
          pythonVersion: pythonVersionOf(environment),
          runicornVersion: environment.runicornVersion ?? null,
          defaultStorageRoot: root,
          storageRootExists: exists,
          suggestedRemotePort: randomInt(suggestedPorts.first, suggestedPorts.last + 1),
          connectionId: query.connection_id,
        };
      });
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
      const { path, kind } = await onHost(connection, signal, () =>
        app.files.look(connection, query.path, signal),
      );
      return { path, exists: kind !== "missing", is_dir: kind === "folder" };
    },
  ),
];
