import * as z from "zod";
import { Failure } from "../../common/failure.js";
import { isUsualRoot } from "../../environments/environment.js";
import { optionalPort, rootPath, text } from "../model/fields.js";
import type { ApiFailure } from "../model/failures.js";
import { type ApiRoute, route } from "../http/route.js";
import { maxAges } from "../services/hostEnvironments.js";
import { connectFields, namesServer, needsServer, serverFields } from "./connections.js";
import { describeSession, describeSessions } from "./describeSession.js";
import { connectionTo, placeField } from "./place.js";
import { ok, sessionOf, sessionShape } from "./shapes.js";

export const viewerRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/viewer/start",
      summary: "Start a viewer on a host and lead a local port to it",
      body: z
        .object({
          ...serverFields,
          remote_root: rootPath,
          local_port: optionalPort,
          remote_port: optionalPort,
          conda_env: text.nullish(),
          place: placeField,
        })
        .check(namesServer)
        .meta(needsServer("connection_id")),
      answer: z.object({ ok: z.boolean(), session: sessionShape, message: z.string() }),
    },
    async ({ body, signal }, { app, connect, environments, onHost, leases, profiles, savedSessions }) => {
      const { connection: host } = await connect(await connectFields(body, profiles), signal);
      leases.hold(host);
      const connection = await connectionTo(body.place, host, app, signal);
      if (connection !== host) leases.hold(connection);
      const wanted = body.conda_env || undefined;
      const options = { maxAge: maxAges.justShown, paths: true };
      const { environment, host: known } = await environments.choose(connection, wanted, options, signal);
      const root = body.remote_root;
      const request = {
        environment,
        root,
        createRoot: isUsualRoot(root, known),
        localPort: body.local_port ?? undefined,
        remotePort: body.remote_port ?? undefined,
        openToPrograms: true,
      };
      const session = await onHost(connection, signal, () =>
        app.viewers.start(connection, request, { signal }),
      );
      if (body.saved_server_id) savedSessions.add(session);
      const shape = sessionOf(session);
      return { ok: true, session: shape, message: `Remote Viewer ready at ${shape.url ?? ""}` };
    },
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/viewer/stop",
      summary: "Stop a viewer",
      body: z.object({ session_id: text }).meta({ not: { required: ["connection_id"] } }),
      answer: ok,
    },
    async ({ body }, { app, savedSessions }) => {
      const session = app.viewers.get(body.session_id);
      if (!session) throw notFound(body.session_id);
      await savedSessions.stop(session);
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
    async (_, services) => ({ sessions: await describeSessions(services) }),
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/viewer/status/{session_id}",
      summary: "Tell the state of a viewer",
      params: z.object({ session_id: text }),
      answer: sessionShape,
    },
    async ({ params }, services) => {
      const session = services.app.viewers.get(params.session_id);
      if (!session) throw notFound(params.session_id);
      return describeSession(session, services);
    },
  ),
];

function notFound(id: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "viewer-not-found", id: id.slice(0, 100) });
}
