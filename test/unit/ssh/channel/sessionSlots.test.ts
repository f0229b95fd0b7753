import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createSessionSlots,
  type SessionSlot,
  type SessionSlots,
} from "../../../../src/ssh/channel/sessionSlots.js";

let places: SessionSlots;
beforeEach(() => {
  vi.useFakeTimers();
  places = createSessionSlots("gpu");
});
afterEach(() => vi.useRealTimers());

/** So many sessions that the server has opened. */
async function open(count: number): Promise<SessionSlot[]> {
  const taken: SessionSlot[] = [];
  for (let index = 0; index < count; index += 1) {
    const place = await places.enter();
    place.opened();
    taken.push(place);
  }
  return taken;
}

/** Whether it has a place by now. */
async function isIn(entering: Promise<SessionSlot>): Promise<boolean> {
  return Promise.race([entering.then(() => true), vi.advanceTimersByTimeAsync(0).then(() => false)]);
}

const full = { detail: { code: "channel-refused", host: "gpu" } };

describe("a server that never refused", () => {
  it("is taken for one with the usual limit of ten", async () => {
    await open(10);
    expect(await isIn(places.enter())).toBe(false);
    await expect(places.enter({ slot: "now" })).rejects.toMatchObject(full);
  });

  it("is asked for one more after a minute in which somebody waits", async () => {
    await open(10);
    const eleventh = places.enter();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await isIn(eleventh)).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await isIn(eleventh)).toBe(true);
  });
});

describe("a server that refused a session", () => {
  it("is offered no more than it had then, until one of them ends", async () => {
    const [first] = await open(2);
    expect((await places.enter()).refused()).toBe(2);
    const third = places.enter();
    expect(await isIn(third)).toBe(false);
    first?.leave();
    expect(await isIn(third)).toBe(true);
  });

  it("reveals its limit by refusals of concurrent requests", async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, () => places.enter()));
    for (const place of asked.slice(0, 3)) place.opened();
    expect(asked.slice(3).map((place) => place.refused())).toEqual([7, 6, 5, 4, 3]);
    expect(await isIn(places.enter())).toBe(false);
  });

  it("may still have counted what has just ended", async () => {
    const [first] = await open(3);
    first?.leave();
    expect((await places.enter()).refused()).toBe(3);
    expect(await isIn(places.enter())).toBe(true);
  });

  it("is asked for one more ever more rarely, while it refuses that", async () => {
    await open(2);
    (await places.enter()).refused();
    const third = places.enter();
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await third).refused()).toBe(2);
    const again = places.enter({ again: true });
    await vi.advanceTimersByTimeAsync(119_000);
    expect(await isIn(again)).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await isIn(again)).toBe(true);
  });

  it("lets those in first whom it refused", async () => {
    const [first] = await open(1);
    (await places.enter()).refused();
    const patient = places.enter();
    const refused = places.enter({ again: true });
    first?.leave();
    expect(await isIn(refused)).toBe(true);
    expect(await isIn(patient)).toBe(false);
  });
});

describe("a session that stays as long as the connection", () => {
  it("is not waited for where it has the only place", async () => {
    (await places.enter({ slot: "stays" })).opened();
    const waiting = await places.enter();
    waiting.refused();
    await expect(places.enter({ again: true })).rejects.toMatchObject(full);
    await expect(places.enter()).rejects.toMatchObject(full);
  });

  it("comes before the others, which are rejected if there can be no slot for them", async () => {
    const [first] = await open(1);
    (await places.enter()).refused();
    const other = places.enter();
    const staying = places.enter({ slot: "stays" });
    first?.leave();
    await expect(other).rejects.toMatchObject(full);
    (await staying).opened();
  });
});

it("removes a cancelled waiter from the queue", async () => {
  const all = await open(10);
  const left = new AbortController();
  const gone = places.enter({ signal: left.signal });
  const next = places.enter();
  left.abort();
  await expect(gone).rejects.toThrow("cancelled");
  all[0]?.leave();
  expect(await isIn(next)).toBe(true);
  await expect(places.enter({ signal: left.signal })).rejects.toThrow("cancelled");
});
