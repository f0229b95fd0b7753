import type { Server } from "node:http";
import { join } from "node:path";
import { type Loopback, listenOnLoopback } from "../../common/account/loopback.js";
import { admitOwnAccountOnly, type Refusal } from "../../common/account/ownAccountOnly.js";
import { Failure } from "../../common/failure.js";
import { hasErrorCode } from "../../common/files/errorCode.js";
import { hostPort } from "../../common/text/hostPort.js";
import type { DialectTable } from "./dialect.js";
import { createGuard } from "./guard.js";
import type { ServerFailure } from "../../messages/describeLocalFailure.js";
import { createRateLimit } from "./rateLimit.js";
import { createRouter } from "./router.js";
import { createAdaptorServer, type Hono, type HttpBindings } from "./webFramework.js";
import { type ApiPorts, createApiServices } from "../services/services.js";
import { answerUnreadable } from "./unreadable.js";
import { createTunnelPorts } from "../services/tunnelPorts.js";

export interface ApiOptions extends ApiPorts {
  /** Where to listen: `::1`, or `127.0.0.1` or `localhost`, which both mean the IPv4 and the IPv6 loopback address. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** When set, every request needs it as a bearer token. */
  readonly token?: string | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Serves paths outside of the API. */
  readonly beside?: Hono<{ Bindings: HttpBindings }>;
}

export interface ApiServer {
  readonly port: number;
  /** `http://127.0.0.1:23300` */
  readonly url: string;
  /** Whether programs of other accounts are rejected. False if the system cannot tell whose a connection is. */
  readonly refusesOtherAccounts: boolean;
  /** Stops listening and closes all requests. Viewers and other work on hosts continue. */
  close(): Promise<void>;
}

/** Milliseconds for the headers of a request, and for all of it, against slow clients (slowloris). */
const headersLimit = 5_000;
const requestLimit = 10_000;
/** Milliseconds between checks for slow clients. */
const checkInterval = 1_000;
const mostConnections = 512;
/** Bytes of request line and headers: fits the longest environment and connection names, percent-encoded. */
const longestHead = 96 * 1024;

/** Has the fields of every version's error responses. */
const refusal: Refusal = {
  type: "application/json",
  body: (reason) =>
    JSON.stringify({ success: false, error: "forbidden", message: reason, details: {}, detail: reason }),
};

/**
 * Serves these versions of the API.
 * @throws Failure `api-port-taken`.
 */
export async function startServer(dialects: DialectTable, options: ApiOptions): Promise<ApiServer> {
  const { app, host, token, dataFolder, logger, allowedOrigins = [] } = options;
  const tunnelPorts = createTunnelPorts(app, join(dataFolder, "sessions.json"), logger);
  const services = createApiServices(options);

  // The guard needs the port, which is known only after listening.
  const served: { router?: ReturnType<typeof createRouter> } = {};
  const server = createAdaptorServer({
    fetch: (request, env) => served.router?.fetch(request, env) ?? new Response(null, { status: 503 }),
    serverOptions: {
      maxHeaderSize: longestHead,
      headersTimeout: headersLimit,
      requestTimeout: requestLimit,
      connectionsCheckingInterval: checkInterval,
      noDelay: true,
    },
    overrideGlobalObjects: false,
  }) as Server;
  answerUnreadable(server);
  const accountsTold = admitOwnAccountOnly(server, refusal, { places: mostConnections });
  const loopback = await listen(server, host, options.port);
  const { port } = loopback;
  const refusesOtherAccounts = await accountsTold;
  const guard = createGuard({
    port,
    token,
    allowedOrigins,
    isTunnelPort: (one) => tunnelPorts.has(one),
  });
  const router = createRouter(dialects, services, guard, createRateLimit(options.clock), logger);
  if (options.beside) router.route("/", options.beside);
  served.router = router;

  return {
    port,
    url: `http://${hostPort(host, port)}`,
    refusesOtherAccounts,
    close: async () => {
      tunnelPorts.dispose();
      const closed = loopback.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<Loopback> {
  try {
    return await listenOnLoopback(server, { port, addresses: host === "::1" ? "ipv6" : "both" });
  } catch (error) {
    if (!hasErrorCode(error, "EADDRINUSE", "EACCES")) throw error;
    throw new Failure<ServerFailure>({ code: "api-port-taken", port });
  }
}
