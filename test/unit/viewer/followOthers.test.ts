import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createSessionStore, type StoredSession } from "../../../src/viewer/session/sessionStore.js";
import { until } from "../../support/until.js";
import { createScriptedHost, type ScriptedHost } from "../../support/viewer/scriptedHost.js";
import { createScriptedViewers, type ScriptedViewers } from "../../support/viewer/scriptedViewers.js";

let host: ScriptedHost;
let other: ScriptedViewers;
let here: ScriptedViewers;
beforeEach(async () => {
  host = createScriptedHost();
  other = await createScriptedViewers(host);
  here = await createScriptedViewers(host);
});
afterEach(async () => {
  await here.dispose();
  await other.dispose();
});

/** The other window starts a viewer, and both windows have one store. */
async function startElsewhere(changes: Partial<StoredSession> = {}): Promise<string> {
  const { id } = await other.viewers.start(host.connection, other.request);
  const [entry] = (await other.store.list()).filter((one) => one.id === id);
  if (!entry) throw new Error("it is not stored");
  await createSessionStore(here.storeFile, silentLogger, process.ppid).save({ ...entry, ...changes });
  return id;
}

const idsHere = (): string[] => here.viewers.sessions.map(({ id }) => id);

it("takes over what another window has started on a host that is connected to here", async () => {
  const id = await startElsewhere();
  expect(idsHere()).toEqual([]);
  here.storeWritten();
  await until("it is here", () => here.viewers.get(id)?.state.kind === "running");
});

/** How often the host is asked what lives on it, from now on. */
function countLists(): () => number {
  let lists = 0;
  host.beforeScript = (kind) => {
    if (kind === "list") lists += 1;
  };
  return () => lists;
}

it("asks about it once where it is not on the host", async () => {
  const id = await startElsewhere();
  await other.viewers.stop(id);
  const lists = countLists();
  here.storeWritten();
  await until("it was asked about", () => lists() === 1);
  here.storeWritten();
  // A later one is asked about after it.
  const later = await startElsewhere();
  here.storeWritten();
  await until("the later one is here", () => idsHere().includes(later));
  expect(lists()).toBe(2);
  expect(idsHere()).toEqual([later]);
});

it("does not ask about what is to be stopped, nor about what was here and is not any more", async () => {
  await startElsewhere({ stopWanted: true });
  const left = await startElsewhere();
  const lists = countLists();
  here.storeWritten();
  await until("it is here", () => idsHere().includes(left));
  await here.viewers.leave();
  here.storeWritten();
  const later = await startElsewhere();
  here.storeWritten();
  await until("a later one is here", () => idsHere().includes(later));
  expect(lists()).toBe(2);
});

it("keeps a viewer running while another window wants it", async () => {
  const id = await startElsewhere();
  here.storeWritten();
  await until("it is here", () => here.viewers.get(id)?.state.kind === "running");
  const elsewhere = createSessionStore(here.storeFile, silentLogger, process.ppid);
  for (const kept of [true, false]) {
    await elsewhere.keep(id, kept);
    here.storeWritten();
    await until("it is heard here", () => here.viewers.get(id)?.kept === kept);
    expect((await elsewhere.list()).map((entry) => entry.kept)).toEqual([kept]);
  }
});
