import * as z from "zod";
import { storageRootOf } from "../../environments/environment.js";
import { mayBeTaken } from "../../environments/chooseEnvironment.js";
import { connectionId, connectionIdQuery, flag, someText } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import { maxAges } from "../services/hostEnvironments.js";
import { time, timeShape } from "./shapes.js";

/** Runicorn's own defaults. */
const runicornDefaults = { port: 23_300, logLevel: "INFO" } as const;

export const environmentRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/remote/environments",
      summary: "List the Python environments of a host",
      query: connectionIdQuery.extend({ filter: z.enum(["all", "runicorn_only"]).default("all") }),
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        environments: z.array(
          z.object({
            name: z.string(),
            type: z.string(),
            python_version: z.string().nullable(),
            python_path: z.string(),
            runicorn_installed: z.boolean(),
            runicorn_version: z.string().nullable(),
            storage_root: z.string(),
            is_active: z.boolean().meta({ description: "the one that a viewer is started in by default" }),
          }),
        ),
        total: z.int(),
      }),
    },
    async ({ query, signal }, { environments: known, find }) => {
      const { connection } = find(query.connection_id);
      const found = await known.list(connection, maxAges.any, signal);
      const active = found.environments.find(mayBeTaken);
      const environments = found.environments
        .filter(({ runicornVersion }) => query.filter === "all" || runicornVersion !== undefined)
        .map((environment) => ({
          name: environment.name,
          type: environment.kind,
          python_version: environment.pythonVersion ?? null,
          python_path: environment.python,
          runicorn_installed: environment.runicornVersion !== undefined,
          runicorn_version: environment.runicornVersion ?? null,
          storage_root: storageRootOf(found),
          is_active: environment === active,
        }));
      return { success: true, connection_id: query.connection_id, environments, total: environments.length };
    },
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/environments/detect",
      summary: "Look for the Python environments of a host again",
      body: z.object({ connection_id: connectionId, force_refresh: flag.default(false) }),
      answer: z.object({
        success: z.boolean(),
        message: z.string(),
        connection_id: z.string(),
        environments_found: z.int(),
        detection_time: timeShape,
      }),
    },
    async ({ body, signal }, { environments, find }) => {
      const { connection } = find(body.connection_id);
      const maxAge = body.force_refresh ? maxAges.anew : maxAges.any;
      const found = await environments.list(connection, maxAge, signal);
      return {
        success: true,
        message: "Environments detected successfully",
        connection_id: body.connection_id,
        environments_found: found.environments.length,
        detection_time: time(found.probedAt),
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/config",
      summary: "Tell the configuration of Runicorn on a host",
      query: connectionIdQuery.extend({ env_name: someText }),
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        env_name: z.string(),
        config: z.object({
          user_root_dir: z.string(),
          viewer_port: z.int(),
          log_level: z.string(),
        }),
        runicorn_version: z.string().nullable(),
      }),
    },
    async ({ query, signal }, { environments, find }) => {
      const { connection } = find(query.connection_id);
      const options = { maxAge: maxAges.any, paths: false };
      const { environment, host } = await environments.choose(connection, query.env_name, options, signal);
      return {
        success: true,
        connection_id: query.connection_id,
        env_name: environment.name,
        config: {
          user_root_dir: storageRootOf(host),
          viewer_port: runicornDefaults.port,
          log_level: runicornDefaults.logLevel,
        },
        runicorn_version: environment.runicornVersion ?? null,
      };
    },
  ),
];
