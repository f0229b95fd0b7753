import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { sameBytes } from "../../common/text/sameBytes.js";
import {
  answerEntry,
  answerLocked,
  answerTooLong,
  answerWaiting,
  type GuardPages,
  refuse,
} from "./answers.js";
import { createEntryCookie } from "./cookies.js";
import { forward } from "./forward.js";
import { keyHeader } from "./headers.js";
import { type PortRules, judge, ticketParameter, type Verdict } from "./judge.js";
import { createTickets } from "./tickets.js";
import { forwardWebSocket, isWebSocket, responseOn } from "./webSocket.js";
import { type Upstream, UpstreamConnection } from "./upstreamConnection.js";

/** How one local port is guarded. */
export interface GuardOptions {
  /** The secret behind the cookies. */
  readonly key: Buffer;
  readonly pages: GuardPages;
  /** Let programs ask where the system does not tell whose they are. */
  readonly openToPrograms: boolean;
}

/** An address that opens the viewer in a browser. */
export interface Entrance {
  /** Where the port is reached from the browser; default `http://localhost:PORT/`. What it names is let in from then on. */
  readonly base?: string | undefined;
  /** Milliseconds in which its ticket is good, once. */
  readonly lifetime: number;
}

/** The reverse proxy of one local port: decides who may connect, and answers or forwards. */
export interface Guard {
  /** An address with a ticket. */
  entrance(entrance: Entrance): string;
  /** Headers with which a program of ours is always let in. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** A connection, of which it is not known yet whose it is. */
  onConnection(socket: Socket): void;
  /** Such a connection is a program's of our own account. */
  onAdmitted(socket: Socket): void;
  /** Such a connection is not. */
  onRefused(socket: Socket): void;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** A request that expects something other than to be told to go on. */
  onExpectation(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Socket, early: Buffer): void;
  /** A request whose head is longer than what is read. */
  onTooLong(socket: Duplex): void;
}

/** Maximum streams opened ahead for connections not yet admitted: as many as a browser opens at once. */
const mostAhead = 6;

/**
 * @param port the local one.
 * @param tellsAccounts whether programs of other accounts have been refused before they said a word.
 * @param forwarder what leads to the viewer now; undefined while the way there is lost.
 */
export function createGuard(
  { key, pages, openToPrograms }: GuardOptions,
  port: number,
  tellsAccounts: boolean,
  forwarder: () => Upstream | undefined,
): Guard {
  const tickets = createTickets();
  const cookie = createEntryCookie(key, port);
  const ownKey = randomBytes(32).toString("base64url");
  const { hosts, origins } = namesOf(port);
  const door: PortRules = {
    hosts,
    origins,
    letsProgramsIn: tellsAccounts || openToPrograms,
    hasCookie: (headers) => cookie.isIn(headers.cookie),
    hasKey: (headers) => isKey(headers, ownKey),
  };
  const upstreams = createUpstreamConnections();
  const ahead = limitedAhead();
  const answers = countAnswers();
  // Connections that are closing: pipelined requests after a refused one are ignored.
  const closing = new WeakSet<Socket>();
  const answer = (verdict: Refusal, response: ServerResponse): void => {
    closing.add(response.req.socket);
    answerRefusal(verdict, response, { tickets, cookie, pages, door });
  };
  return {
    entrance: ({ base = `http://localhost:${port}/`, lifetime }) => {
      const url = new URL(base);
      hosts.add(url.host);
      origins.add(url.origin);
      url.searchParams.set(ticketParameter, tickets.issue(lifetime));
      return url.href;
    },
    ownHeaders: { [keyHeader]: ownKey },
    onConnection: (socket) => {
      const now = forwarder();
      if (now) ahead.open(socket, () => upstreams.to(now, socket));
    },
    onAdmitted: ahead.settle,
    onRefused: (socket) => {
      upstreams.of(socket)?.retire();
      ahead.settle(socket);
    },
    onTooLong: (socket) => answerTooLong(socket, pages),
    onRequest: (request, response) => {
      if (closing.has(request.socket)) return;
      answers.begin(response);
      const verdict = judge(headOf(request), door);
      if (verdict.kind !== "pass") return answer(verdict, response);
      const now = forwarder();
      if (now) forward(request, response, upstreams.to(now, request.socket), verdict.url);
      else answerWaiting(response, pages);
    },
    onExpectation: (request, response) => {
      if (closing.has(request.socket)) return;
      answers.begin(response);
      answer(unexpected, response);
    },
    onUpgrade: (request, socket, early) => {
      socket.on("error", () => undefined);
      // Never write a second response into one that is under way.
      if (closing.has(socket) || answers.areUnderWay(socket)) return void socket.resetAndDestroy();
      const verdict = judge(headOf(request), door);
      const now = forwarder();
      if (verdict.kind !== "pass") answer(verdict, responseOn(request, socket));
      else if (!isWebSocket(request))
        refuse(responseOn(request, socket), 501, "Only WebSockets are forwarded");
      else if (now) forwardWebSocket(request, socket, early, upstreams.to(now, socket), verdict.url);
      else answerWaiting(responseOn(request, socket), pages);
    },
  };
}

/** Of a request that expects more than to be told to go on. */
const unexpected: Refusal = { kind: "refused", status: 417, reason: "Nothing is promised but to go on" };

type Refusal = Exclude<Verdict, { kind: "pass" }>;

/** What is answered in the place of the viewer. */
function answerRefusal(
  verdict: Refusal,
  response: ServerResponse,
  by: {
    readonly tickets: ReturnType<typeof createTickets>;
    readonly cookie: ReturnType<typeof createEntryCookie>;
    readonly pages: GuardPages;
    readonly door: PortRules;
  },
): void {
  const { tickets, cookie, pages, door } = by;
  switch (verdict.kind) {
    case "ticket": {
      const { ticket, to, place } = verdict;
      if (tickets.spend(ticket)) answerEntry(response, pages, beside(to), cookie.headersFor(place));
      else answerLocked(response, pages, to, place === "tab" && door.letsProgramsIn);
      return;
    }
    case "open":
      return answerEntry(response, pages, verdict.to, cookie.headersFor("tab"));
    case "locked":
      return answerLocked(response, pages, verdict.to, verdict.offer);
    case "refused":
      return refuse(response, verdict.status, verdict.reason);
  }
}

/** What programs and pages call a port of this machine. */
function namesOf(port: number) {
  const hosts = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`);
  return { hosts: new Set(hosts), origins: new Set(hosts.map((host) => `http://${host}`)) };
}

/** Each connection's way to the viewer. The ETags of a port carry one mark for as long as it is open. */
function createUpstreamConnections() {
  const mark = `${randomBytes(9).toString("base64url")}.`;
  const upstreams = new WeakMap<Socket, UpstreamConnection>();
  return {
    of: (socket: Socket) => upstreams.get(socket),
    /** The way of now, or another one where it leads through what is no longer used. */
    to: (forwarder: Upstream, socket: Socket): UpstreamConnection => {
      const before = upstreams.get(socket);
      if (before?.forwarder === forwarder) return before;
      before?.retire();
      const upstream = new UpstreamConnection(socket, forwarder, mark);
      upstreams.set(socket, upstream);
      return upstream;
    },
  };
}

/**
 * Other accounts may open many connections. Until a connection is admitted, it shares a small budget of streams opened
 * ahead, and one that is gone frees its share. A connection beyond the budget gets its stream with its first request.
 */
function limitedAhead() {
  let taken = 0;
  const unknown = new WeakMap<Socket, () => void>();
  return {
    open: (socket: Socket, wayTo: () => UpstreamConnection): void => {
      if (taken >= mostAhead) return;
      taken += 1;
      const settled = new Promise<void>((resolve) => {
        unknown.set(socket, resolve);
        socket.once("close", resolve);
      });
      void Promise.all([settled, wayTo().openAhead()]).finally(() => (taken -= 1));
    },
    settle: (socket: Socket): void => unknown.get(socket)?.(),
  };
}

/** Answers of every kind, by their connection: those that are refused, and those that wait for the host, too. */
function countAnswers() {
  const underWay = new WeakMap<Socket, number>();
  const add = (socket: Socket, count: number): unknown =>
    underWay.set(socket, (underWay.get(socket) ?? 0) + count);
  return {
    begin: (response: ServerResponse): void => {
      const { socket } = response.req;
      add(socket, 1);
      response.once("close", () => add(socket, -1));
    },
    areUnderWay: (socket: Socket): boolean => (underWay.get(socket) ?? 0) > 0,
  };
}

function headOf({ method = "", url = "", headers, rawHeaders }: IncomingMessage) {
  return { method, url, headers, rawHeaders };
}

/** The address of a path from that path itself, for what stands before us may serve us below a path of its own. */
function beside(path: string): string {
  const [place = ""] = path.split("?");
  return `./${path.slice(place.lastIndexOf("/") + 1)}`;
}

function isKey(headers: IncomingHttpHeaders, key: string): boolean {
  const shown = headers[keyHeader];
  return typeof shown === "string" && sameBytes(Buffer.from(shown), Buffer.from(key));
}
