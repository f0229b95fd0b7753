import type { Dialect } from "../http/dialect.js";
import { connectionRoutes } from "./connections.js";
import { environmentRoutes } from "./environments.js";
import { healthRoutes } from "./health.js";
import { errorShapes } from "../model/problemShapes.js";
import { answerTo } from "./problems.js";
import { viewerRoutes } from "./viewer.js";

export const v05: Dialect = {
  name: "v0.5",
  summary: "The remote viewer API of Runicorn 0.5.",
  isDeprecated: false,
  routes: [...connectionRoutes, ...environmentRoutes, ...viewerRoutes, ...healthRoutes],
  headers: {},
  answerTo,
  problems: errorShapes,
};
