import * as z from "zod";
import type { Dialect } from "../http/dialect.js";
import { route } from "../http/route.js";
import { connectionRoutes } from "./connections.js";
import { hostRoutes } from "./hosts.js";
import { knownHostRoutes } from "./knownHosts.js";
import { detailShapes } from "../model/problemShapes.js";
import { answerTo } from "./problems.js";
import { relayRoutes } from "./relay.js";
import { savedRoutes } from "./saved.js";
import { viewerRoutes } from "./viewers.js";

const health = route(
  {
    method: "GET",
    path: "/api/health",
    summary: "Health check",
    answer: z.object({ status: z.string(), version: z.string(), storage: z.string() }),
  },
  (_, { version, dataFolder }) => Promise.resolve({ status: "ok", version, storage: dataFolder }),
);

export const v06: Dialect = {
  name: "v0.6",
  summary: "The remote viewer API of Runicorn 0.6 and 0.7.",
  isDeprecated: false,
  routes: [
    health,
    ...connectionRoutes,
    ...knownHostRoutes,
    ...hostRoutes,
    ...viewerRoutes,
    ...savedRoutes,
    ...relayRoutes,
  ],
  headers: {},
  answerTo,
  problems: detailShapes,
};
