import { expect, it } from "vitest";
import { createTickets } from "../../../../src/tunnel/guard/tickets.js";

it("a ticket is good once, in its time, and nobody guesses it", () => {
  let now = 0;
  const tickets = createTickets(() => now);
  const ticket = tickets.issue(30_000);
  expect(ticket).toMatch(/^[\w-]{22}$/);
  expect(tickets.spend(`${ticket}x`)).toBe(false);
  expect(tickets.spend("")).toBe(false);
  now = 29_999;
  expect(tickets.spend(ticket)).toBe(true);
  expect(tickets.spend(ticket)).toBe(false);
  const late = tickets.issue(30_000);
  now += 30_000;
  expect(tickets.spend(late)).toBe(false);
});

it("only the newest are kept", () => {
  const tickets = createTickets();
  const all = Array.from({ length: 65 }, () => tickets.issue(1_000));
  expect(all.map((ticket) => tickets.spend(ticket))).toEqual([false, ...Array<boolean>(64).fill(true)]);
});
