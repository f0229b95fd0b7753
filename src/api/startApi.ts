import { createDialectTable } from "./dialects.js";
import { type ApiOptions, type ApiServer, startServer } from "./http/server.js";

/**
 * Serves every version of the API.
 * @throws Failure `api-port-taken`.
 */
export function startApi(options: ApiOptions): Promise<ApiServer> {
  return startServer(createDialectTable(), options);
}
