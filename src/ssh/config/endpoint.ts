import type { Endpoint } from "../model/connection.js";
import { formatTarget, type Target } from "../model/target.js";
import type { HostConfig, Route } from "./hostConfig.js";

/** Where the configuration leads for a target, and through what. */
export function endpointOf({ hostName, port, user, route }: HostConfig, target: Target): Endpoint {
  const via = viaOf(route, target);
  return { host: hostName, port, user, ...(via !== undefined && { via }) };
}

function viaOf(route: Route, { host }: Target): string | undefined {
  switch (route.kind) {
    case "direct":
      return undefined;
    case "jump":
      return route.hops.map(formatTarget).join(", ");
    case "command":
      return `ProxyCommand of ${host}`;
  }
}
