import * as z from "zod";
import { acceptHostKey, listHostKeys, removeHostKeys } from "../services/hostKeyActions.js";
import { port, textOf } from "../model/fields.js";
import { describedAs } from "../model/jsonSchemas.js";
import { type ApiRoute, route } from "../http/route.js";
import { knownHostOf, knownHostShape } from "./shapes.js";

/** Empty values pass the schema: `hostKeyActions` rejects them with messages that clients compare. */
const keyType = describedAs(textOf({ most: 100 }), { type: "string", minLength: 1, maxLength: 100 });
/** Fits hashed names, which are longer than a host name may be. */
const longestName = 1_024;
const name = describedAs(textOf({ most: longestName }), {
  type: "string",
  minLength: 1,
  maxLength: longestName,
});
const publicKey = z.string().max(8_192);

export const knownHostRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/known-hosts/accept",
      summary: "Trust a host key that a 409 of connect showed in the last ten minutes",
      body: z.object({
        host: name,
        port,
        key_type: keyType,
        public_key: publicKey,
        fingerprint_sha256: z.string().max(100),
      }),
      answer: z.object({ ok: z.boolean() }),
    },
    async ({ body }, { app, offeredKeys }) => {
      await acceptHostKey(app.knownHosts, offeredKeys, {
        host: body.host,
        port: body.port,
        keyType: body.key_type,
        publicKey: body.public_key,
        fingerprint: body.fingerprint_sha256,
      });
      return { ok: true };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/known-hosts/list",
      summary: "List the host keys that are trusted",
      answer: z.object({ entries: z.array(knownHostShape) }),
    },
    async (_, { app }) => ({ entries: (await listHostKeys(app.knownHosts)).map(knownHostOf) }),
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/known-hosts/remove",
      summary: "Stop trusting a host's keys of one type",
      body: z.object({ host: name, port, key_type: keyType }),
      answer: z.object({ ok: z.boolean(), changed: z.boolean() }),
    },
    async ({ body }, { app }) => ({
      ok: true,
      changed: await removeHostKeys(app.knownHosts, body.host, body.port, body.key_type),
    }),
  ),
];
