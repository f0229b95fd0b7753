import { randomBytes } from "node:crypto";

/** One-time secrets in URLs, valid for a short time. */
export interface Tickets {
  /** @param lifetime milliseconds. */
  issue(lifetime: number): string;
  /** Whether it was good; it is not any more. */
  spend(ticket: string): boolean;
}

/** At once: the oldest go first. Each is asked for by a person, or by a panel that shows the viewer. */
const mostTickets = 64;

/** @param now milliseconds, by a clock that never goes back. */
export function createTickets(now: () => number = () => performance.now()): Tickets {
  const ends = new Map<string, number>();
  return {
    issue: (lifetime) => {
      const ticket = randomBytes(16).toString("base64url");
      ends.set(ticket, now() + lifetime);
      const [oldest] = ends.keys();
      if (ends.size > mostTickets && oldest !== undefined) ends.delete(oldest);
      return ticket;
    },
    spend: (ticket) => {
      const end = ends.get(ticket);
      ends.delete(ticket);
      return end !== undefined && now() < end;
    },
  };
}
