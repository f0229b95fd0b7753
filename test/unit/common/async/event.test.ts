import { describe, expect, it } from "vitest";
import { DisposableStore, toDisposable } from "../../../../src/common/async/disposable.js";
import { Emitter, nextEvent } from "../../../../src/common/async/event.js";
import { Cancelled, orCancelled } from "../../../../src/common/failure.js";

describe("Emitter", () => {
  it("reaches every listener, also after one has thrown or left", () => {
    const errors: unknown[] = [];
    const heard: string[] = [];
    const emitter = new Emitter<string>((error) => errors.push(error));
    emitter.event(() => {
      throw new Error("first");
    });
    const second = emitter.event((text) => {
      heard.push(`second ${text}`);
      second.dispose();
    });
    emitter.event((text) => heard.push(`third ${text}`));
    emitter.fire("a");
    emitter.fire("b");
    expect(heard).toEqual(["second a", "third a", "third b"]);
    expect(errors).toHaveLength(2);
  });
});

describe("nextEvent", () => {
  it("resolves with the first accepted event and stops listening", async () => {
    const emitter = new Emitter<number>();
    const next = nextEvent(emitter.event, (value) => value > 1);
    emitter.fire(1);
    emitter.fire(2);
    emitter.fire(3);
    expect(await next).toBe(2);
  });

  it("rejects with the reason of the abort", async () => {
    const emitter = new Emitter<number>();
    const stop = new AbortController();
    const next = nextEvent(emitter.event, undefined, stop.signal);
    stop.abort(new Cancelled());
    await expect(next).rejects.toBeInstanceOf(Cancelled);
  });
});

describe("DisposableStore", () => {
  it("disposes last first, each once, and at once when it is over", () => {
    const order: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => order.push("a")));
    const b = store.add(toDisposable(() => order.push("b")));
    b.dispose();
    store.dispose();
    store.dispose();
    store.add(toDisposable(() => order.push("late")));
    expect(order).toEqual(["b", "a", "late"]);
  });
});

describe("orCancelled", () => {
  it("gives the result, or Cancelled as soon as the signal is aborted", async () => {
    const stop = new AbortController();
    expect(await orCancelled(Promise.resolve(1), stop.signal)).toBe(1);
    const pending = orCancelled(new Promise(() => undefined), stop.signal);
    stop.abort();
    await expect(pending).rejects.toBeInstanceOf(Cancelled);
    await expect(orCancelled(Promise.resolve(1), stop.signal)).rejects.toBeInstanceOf(Cancelled);
  });
});
