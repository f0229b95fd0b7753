import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endOf } from "../../../../src/ssh/channel/endOf.js";
import type { RemoteProcessEnd } from "../../../../src/ssh/model/connection.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("is what the server tells", async () => {
  const kill = vi.fn();
  const end: RemoteProcessEnd = { kind: "exited", code: 3, signal: undefined };
  expect(await endOf({ ended: Promise.resolve(end), kill })).toBe(end);
  expect(kill).not.toHaveBeenCalled();
});

it("is not waited for where it never does: the command is ended", async () => {
  const kill = vi.fn();
  const waiting = endOf({ ended: new Promise(() => undefined), kill });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await waiting).toBeUndefined();
  expect(kill).toHaveBeenCalledOnce();
});
