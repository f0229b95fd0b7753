import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { ReadTable } from "../../src/common/account/ownAccountOnly.js";
import { Emitter } from "../../src/common/async/event.js";
import type { FailureDetail } from "../../src/common/failure.js";
import type { Forwarder } from "../../src/tunnel/forwarder.js";
import type { GuardOptions } from "../../src/tunnel/guard/guard.js";
import { type LocalPort, openLocalPort } from "../../src/tunnel/localPort.js";
import { testPages } from "./client.js";

/** A local port whose guard stands before a web server of this machine, as if that were a host's viewer. */
export interface GuardedPort extends LocalPort {
  readonly url: string;
  readonly web: Server;
  /** What reached the web server. */
  readonly seen: IncomingMessage[];
  /** What carries it: its ends are real or not. */
  readonly way: { isReal: boolean };
  dispose(): Promise<void>;
}

export const guardKey = Buffer.alloc(32, 1);

export async function openGuardedPort(
  answer: RequestListener,
  options: Partial<GuardOptions> = {},
  readTable?: ReadTable,
  wanted?: number,
): Promise<GuardedPort> {
  const seen: IncomingMessage[] = [];
  const web = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  web.on("upgrade", (request) => seen.push(request));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  const guard = { key: guardKey, pages: testPages, openToPrograms: false, ...options };
  const local = await openLocalPort(wanted, guard, readTable);
  const way = { isReal: true };
  local.forwarder = plainForwarder((web.address() as AddressInfo).port, way);
  return Object.assign(local, {
    url: `http://localhost:${local.port}`,
    web,
    seen,
    way,
    dispose: async () => {
      await local.close();
      web.closeAllConnections();
      web.close();
      await once(web, "close");
    },
  });
}

/** Carries to a port of this machine, through nothing. */
export function plainForwarder(port: number, way = { isReal: true }): Forwarder {
  return {
    backend: "in-process",
    isOpen: true,
    connect: async () => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
      await once(socket, "connect");
      return socket;
    },
    isEndReal: () => Promise.resolve(way.isReal),
    onDidClose: new Emitter<FailureDetail | undefined>().event,
    close: () => Promise.resolve(),
  };
}
