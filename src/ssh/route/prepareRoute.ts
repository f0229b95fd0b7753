import type { Duplex } from "node:stream";
import { Failure } from "../../common/failure.js";
import type { Connection, Endpoint } from "../model/connection.js";
import { dialSocket } from "./dial.js";
import { type At, isSshFailure, type SshFailure } from "../model/failures.js";
import type { Route } from "../config/hostConfig.js";
import type { OpensshRoute } from "../model/opensshRoute.js";
import { startProxyCommand } from "./proxyCommand.js";
import type { Target } from "../model/target.js";

/** A route to an endpoint, open as far as the last jump host. */
export interface PreparedRoute {
  /** Opens the byte stream; called once. */
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  /** Releases the jump hosts. Called automatically when the stream closes. */
  readonly release: () => void;
  /** How OpenSSH would go as far as here. */
  readonly openssh: OpensshRoute;
}

export interface PrepareRouteOptions {
  /** As a person knows the endpoint. */
  readonly at: At;
  readonly environment: NodeJS.ProcessEnv;
  /** Stands in for the endpoint's name where the way is direct. */
  readonly address?: string | undefined;
  /** Connects to the last of these hosts through the others. */
  readonly connectHop: (
    hops: readonly Target[],
  ) => Promise<{ readonly connection: Connection; readonly release: () => void }>;
}

const straight: OpensshRoute = { kind: "possible", hosts: [] };

/** @throws Failure with an `SshFailure` that names the jump host, or Cancelled. */
export async function prepareRoute(
  endpoint: Endpoint,
  route: Route,
  options: PrepareRouteOptions,
): Promise<PreparedRoute> {
  const { at, environment, address, connectHop } = options;
  switch (route.kind) {
    case "direct":
      return {
        dial: (signal) => dialSocket({ host: address ?? endpoint.host, port: endpoint.port }, signal),
        release: () => undefined,
        openssh: straight,
      };
    case "command": {
      const dial = (): Promise<Duplex> =>
        Promise.resolve(startProxyCommand({ command: route.command, environment, at }));
      return { dial, release: () => undefined, openssh: straight };
    }
    case "jump": {
      const { connection, release } = await connectHop(route.hops);
      const dial = async (): Promise<Duplex> => {
        const stream = await openThrough(connection, endpoint, at.onTheWayTo ?? at.host);
        stream.once("close", release);
        return stream;
      };
      return { dial, release, openssh: connection.openssh };
    }
  }
}

async function openThrough(hop: Connection, { host, port }: Endpoint, goal: string): Promise<Duplex> {
  try {
    return await hop.forward(host, port);
  } catch (error) {
    if (!isSshFailure(error, "channel-refused")) throw error;
    throw new Failure<SshFailure>(
      {
        code: "hop-failed",
        host: hop.target.host,
        port: hop.endpoint.port,
        onTheWayTo: goal,
        next: `${host}:${port}`,
        reason: error.detail.reason,
      },
      { cause: error },
    );
  }
}
