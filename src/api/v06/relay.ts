import * as z from "zod";
import type { ServerLinkState } from "../../relay/wire/link.js";
import type { RelayStatus } from "../../relay/status.js";
import { type ApiRoute, route } from "../http/route.js";

const count = z.int().min(0);
const time = z.int().meta({ description: "milliseconds since the epoch" });

const linkShape = z
  .object({
    state: z.enum(["connecting", "connected", "waiting"]),
    since: time.nullable(),
    nextTry: time.nullable(),
    problem: z.string().nullable(),
  })
  .meta({ title: "RelayLink" });

const agentShape = z
  .object({
    url: z.string(),
    proxyId: z.string(),
    transport: z.string(),
    link: linkShape,
    counters: z.object({
      received: count,
      running: count,
      waiting: count,
      done: count,
      failed: count,
      refused: count,
      resent: count,
      unconfirmed: count,
    }),
    sshConnections: count,
    latency: z.object({
      boundsMs: z.array(z.number()),
      counts: z.array(count).meta({ description: "one for each bound, and one for what took longer" }),
    }),
    recent: z.array(
      z.object({
        commandId: z.string(),
        host: z.string(),
        outcome: z.enum(["done", "failed", "refused"]),
        exitCode: z.int(),
        endedAt: time,
        durationMs: count,
      }),
    ),
  })
  .meta({ title: "RelayAgent" });

/** Routes for the relay agent of this process. They never return the output of commands. */
export const relayRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/relay/status",
      summary:
        "Tell what the relay agent does: its way to the main server, counters, latencies, the last commands",
      answer: z.object({ running: z.boolean(), agent: agentShape.nullable() }),
    },
    (_, { app }) => {
      const { status } = app.relay;
      return Promise.resolve({ running: status !== undefined, agent: status ? agentOf(status) : null });
    },
  ),
];

function agentOf(status: RelayStatus): z.infer<typeof agentShape> {
  const { url, proxyId, transport, link, counters, running, waiting, latency } = status;
  return {
    url,
    proxyId,
    transport,
    link: linkOf(link),
    counters: { ...counters, running, waiting, unconfirmed: status.unacknowledged },
    sshConnections: status.connections,
    latency: { boundsMs: [...latency.bounds], counts: [...latency.counts] },
    recent: status.recent.map(({ id, host, fate, exitCode, at, milliseconds }) => ({
      commandId: id,
      host,
      outcome: fate,
      exitCode,
      endedAt: at,
      durationMs: Math.round(milliseconds),
    })),
  };
}

function linkOf(link: ServerLinkState): z.infer<typeof linkShape> {
  return {
    state: link.kind,
    since: link.kind === "connected" ? link.since : null,
    nextTry: link.kind === "waiting" ? link.until : null,
    problem: link.kind === "waiting" ? link.problem : null,
  };
}
