import type { Dialect } from "../dialect.js";
import { connectionRoutes } from "./connections.js";
import { environmentRoutes } from "./environments.js";
import { healthRoutes } from "./health.js";
import { answerTo } from "./problems.js";
import { viewerRoutes } from "./viewer.js";

export const v05: Dialect = {
  name: "v0.5",
  routes: [...connectionRoutes, ...environmentRoutes, ...viewerRoutes, ...healthRoutes],
  headers: {},
  answerTo,
};
