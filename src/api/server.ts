import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Failure } from "../common/failure.js";
import { hostPort } from "../common/hostPort.js";
import { createGuard } from "./guard.js";
import type { ServerFailure } from "./serverFailure.js";
import { createRateLimit } from "./rateLimit.js";
import { createRouter } from "./router.js";
import { createAdaptorServer, type Hono, type HttpBindings } from "./webFramework.js";
import { type ApiPorts, createApiServices } from "./services.js";

export interface ApiOptions extends ApiPorts {
  /** Where to listen: an address of this machine's loopback. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** When set, every request needs it as a bearer token. */
  readonly token?: string | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  /** The clock of the rate limits: milliseconds that never go back. */
  readonly clock?: () => number;
  /** Answers what is no path of the API. */
  readonly beside?: Hono<{ Bindings: HttpBindings }>;
}

export interface ApiServer {
  readonly port: number;
  /** `http://127.0.0.1:23300` */
  readonly url: string;
  /** Stops listening and ends every open request. What runs on hosts goes on. */
  close(): Promise<void>;
}

/** Milliseconds for the headers of a request, and for all of it: who sends a byte a second is not served. */
const headersLimit = 5_000;
const requestLimit = 10_000;
/** Milliseconds between two looks at who is too slow. */
const checkInterval = 1_000;
const mostConnections = 512;

/**
 * Serves the API.
 * @throws Failure `api-port-taken`.
 */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const { app, host, token, allowedOrigins = [] } = options;
  const tunnelPorts = new Set<number>();
  const remember = (): void => app.tunnels.all.forEach(({ localPort }) => tunnelPorts.add(localPort));
  remember();
  const tunnelsChanged = app.tunnels.onDidChange(remember);
  const services = createApiServices(options);

  // The guard has to know the port, which is known once the server listens.
  const served: { router?: ReturnType<typeof createRouter> } = {};
  const server = createAdaptorServer({
    fetch: (request, env) => served.router?.fetch(request, env) ?? new Response(null, { status: 503 }),
    serverOptions: {
      headersTimeout: headersLimit,
      requestTimeout: requestLimit,
      connectionsCheckingInterval: checkInterval,
      noDelay: true,
    },
    overrideGlobalObjects: false,
  }) as Server;
  server.maxConnections = mostConnections;
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  const guard = createGuard({
    port,
    token,
    allowedOrigins,
    isTunnelPort: (one) => tunnelPorts.has(one) && one !== port,
  });
  const router = createRouter(services, guard, createRateLimit(options.clock), options.logger);
  if (options.beside) router.route("/", options.beside);
  served.router = router;

  return {
    port,
    url: `http://${hostPort(host, port)}`,
    close: async () => {
      tunnelsChanged.dispose();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE" || error.code === "EACCES";
      reject(taken ? new Failure<ServerFailure>({ code: "api-port-taken", port }) : error);
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
}
