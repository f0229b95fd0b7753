import * as z from "zod";
import { savedIdOf } from "../../savedConnectionId.js";
import { formatTarget, isTarget } from "../../ssh/model/target.js";
import { type ApiRoute, route } from "../http/route.js";
import type { ApiServices } from "../services/services.js";
import { ok } from "./shapes.js";

/** An entry of either kind. Unknown fields and the order of entries are kept. */
const entry = z.looseObject({
  id: z.string().max(200).optional(),
  kind: z.string().max(50).optional(),
  name: z.string().max(1_000).nullish(),
});

const mostEntries = 1_000;

export const savedRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/remote/connections/saved",
      summary: "Give the saved connections of a client; secrets are never given back",
      answer: z.object({ ok: z.boolean(), connections: z.array(z.record(z.string(), z.unknown())) }),
    },
    async (_, { profiles }) => ({ ok: true, connections: [...(await profiles.list())] }),
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/connections/saved",
      summary: "Replace the saved connections of a client; secrets go to the secret store",
      body: z.array(entry).max(mostEntries),
      answer: ok,
    },
    async ({ body }, services) => {
      await services.profiles.replace(body);
      for (const one of body) await showInTrees(one, services);
      return { ok: true, message: "Connections saved successfully" };
    },
  ),
];

/** Also saves the server for the side bar, where the user may connect to it. */
async function showInTrees(one: z.infer<typeof entry>, { app }: ApiServices): Promise<void> {
  const server = z
    .object({
      kind: z.literal("server"),
      host: z.string(),
      port: z.coerce.number().int(),
      username: z.string(),
    })
    .safeParse(one).data;
  if (!server) return;
  const target = { host: server.host, user: server.username, port: server.port };
  if (!isTarget(target)) return;
  const id = savedIdOf(target);
  if (await app.savedConnections.get(id)) return;
  await app.savedConnections.save({ id, name: one.name ?? formatTarget(target), target });
}
