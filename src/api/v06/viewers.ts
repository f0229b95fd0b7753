import * as z from "zod";
import { Failure } from "../../common/failure.js";
import { findEnvironment } from "../../environments/chooseEnvironment.js";
import { optionalPort, text } from "../fields.js";
import type { ApiFailure } from "../problem.js";
import { type Route, route } from "../route.js";
import { connectFields, credentialFields, hostFields } from "./connections.js";
import { ok, sessionOf, sessionShape } from "./shapes.js";

export const viewerRoutes: readonly Route[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/viewer/start",
      summary: "Start a viewer on a host and lead a local port to it",
      body: z.object({
        ...hostFields,
        ...credentialFields,
        remote_root: text.min(1),
        local_port: optionalPort,
        remote_port: optionalPort,
        conda_env: text.nullish(),
      }),
      answer: z.object({ ok: z.boolean(), session: sessionShape, message: z.string() }),
    },
    async ({ body, signal }, { app, connect, onHost, leases }) => {
      const { connection } = await connect(connectFields(body), signal);
      leases.hold(connection);
      const session = await onHost(connection, signal, async () => {
        const found = await app.environments.list(connection, { signal });
        const wanted = body.conda_env || undefined;
        const environment = await findEnvironment(app.environments, connection, found, wanted, signal);
        const localPort = body.local_port ?? undefined;
        const remotePort = body.remote_port ?? undefined;
        return app.viewers.start(
          connection,
          { environment, root: body.remote_root, localPort, remotePort },
          { signal },
        );
      });
      const shape = sessionOf(session);
      return { ok: true, session: shape, message: `Remote Viewer ready at ${shape.url ?? ""}` };
    },
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/viewer/stop",
      summary: "Stop a viewer",
      body: z.object({ session_id: text }),
      answer: ok,
    },
    async ({ body }, { app }) => {
      if (!app.viewers.get(body.session_id)) throw notFound(body.session_id);
      await app.viewers.stop(body.session_id);
      return { ok: true, message: `Session ${body.session_id} stopped` };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/viewer/sessions",
      summary: "List the viewers",
      answer: z.object({ sessions: z.array(sessionShape) }),
    },
    (_, { app }) => Promise.resolve({ sessions: app.viewers.sessions.map(sessionOf) }),
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/viewer/status/{session_id}",
      summary: "Tell the state of a viewer",
      params: z.object({ session_id: text }),
      answer: sessionShape,
    },
    ({ params }, { app }) => {
      const session = app.viewers.get(params.session_id);
      return session ? Promise.resolve(sessionOf(session)) : Promise.reject(notFound(params.session_id));
    },
  ),
];

function notFound(id: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "viewer-not-found", id: id.slice(0, 100) });
}
