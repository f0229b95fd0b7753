import { describe, expect, it } from "vitest";
import type { App } from "../../../../src/app.js";
import { savedIdOf } from "../../../../src/savedConnectionId.js";
import type { SavedConnection } from "../../../../src/savedConnections.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { formatTarget, parseTarget, type Target } from "../../../../src/ssh/model/target.js";
import type { ReconnectWait, SessionState, ViewerSession } from "../../../../src/viewer/session/session.js";
import { jobTarget } from "../../../../src/ssh/model/jobTarget.js";
import { heldHosts } from "../../../../src/vscode/connections/heldHosts.js";
import { hostsOf } from "../../../../src/vscode/connections/hosts.js";
import { createShownTree, type Node } from "../../../../src/vscode/kit/shownTree.js";

const saved = (written: string, openedAt = 0): SavedConnection => {
  const target = parseTarget(written);
  return { id: savedIdOf(target), name: written, target, openedAt };
};

const session = (id: string, on: string, state: SessionState): ViewerSession => ({
  id,
  connectionId: `id of ${on}`,
  host: parseTarget(on).host,
  environment: {
    python: "/usr/bin/python3",
    name: "system",
    kind: "system",
    prefix: "/usr",
    pythonVersion: undefined,
    runicornVersion: undefined,
    problem: undefined,
  },
  root: `/runs/${id}`,
  startedAt: 0,
  kept: false,
  state,
});

const lost = (wait: ReconnectWait): SessionState => ({
  kind: "reconnecting",
  remote: undefined,
  localPort: 40_000,
  cause: { code: "not-connected-yet" },
  wait,
});

const unconfirmed: SessionState = {
  kind: "stopped",
  onHost: { kind: "unconfirmed", cause: { code: "connection-lost" } },
};

interface Facts {
  readonly open?: readonly string[];
  readonly connecting?: readonly string[];
  /** Sessions with the host that each is on. */
  readonly sessions?: readonly (readonly [string, ViewerSession])[];
  /** Login nodes of jobs that are away. */
  readonly logins?: readonly (readonly [string, ReconnectWait])[];
}

type Parts = Pick<App, "connections" | "viewers" | "waitingLogins">;

function appWith({ open = [], connecting = [], sessions = [], logins = [] }: Facts): Parts {
  const all = open.map((one) => ({ id: `id of ${one}`, target: parseTarget(one) }) as Connection);
  const places = new Map(sessions.map(([on, { id }]): [string, Target] => [id, parseTarget(on)]));
  const isEnded = ({ state }: ViewerSession): boolean => state.kind === "stopped";
  return {
    connections: {
      all,
      connecting: connecting.map(parseTarget),
      get: (id: string) => all.find((one) => one.id === id),
    },
    viewers: {
      sessions: sessions.map(([, one]) => one).filter((one) => !isEnded(one)),
      unconfirmed: sessions.map(([, one]) => one).filter(isEnded),
      targetOf: (id: string) => places.get(id),
    },
    waitingLogins: {
      lost: logins.map(([on, wait]) => ({ id: `id of ${on}`, target: parseTarget(on), wait })),
    },
  } as unknown as Parts;
}

const states = (facts: Facts, ...all: SavedConnection[]): Record<string, string> =>
  Object.fromEntries(
    hostsOf(appWith(facts), all).map(({ target, state }) => [formatTarget(target), state.kind]),
  );

const failure = { code: "authentication-failed" } as const;
const needsPerson = lost({ kind: "person", failure });

describe("the list of hosts", () => {
  it("has the saved ones, most recently used first, then those that are open, connecting or have viewers", () => {
    const facts = {
      open: ["open"],
      connecting: ["called"],
      sessions: [["away", session("1", "away", unconfirmed)]] as const,
    };
    const hosts = hostsOf(appWith(facts), [saved("old", 1), saved("new", 2)]);
    expect(hosts.map(({ target }) => target.host)).toEqual(["new", "old", "open", "called", "away"]);
    expect(hosts.at(-1)?.sessions).toHaveLength(1);
  });

  it("keeps their ids when they are saved", () => {
    const [before] = hostsOf(appWith({ connecting: ["gpu"] }), []);
    const [after] = hostsOf(appWith({ open: ["gpu"] }), [saved("gpu")]);
    expect(before?.id).toBe(after?.id);
  });

  it("distinguishes them by user and port", () => {
    const facts = { sessions: [["ada@gpu", session("1", "ada@gpu", lost({ kind: "connecting" }))]] as const };
    const expected = { gpu: "not-connected", "ada@gpu": "reconnecting" };
    expect(states(facts, saved("gpu"), saved("ada@gpu"))).toEqual(expected);
  });

  it("shows a viewer once if two names share one connection", () => {
    const facts = {
      open: ["gpu"],
      sessions: [
        ["10.0.0.1", { ...session("1", "10.0.0.1", unconfirmed), connectionId: "id of gpu" }],
      ] as const,
    };
    const hosts = hostsOf(appWith(facts), [saved("gpu"), saved("10.0.0.1")]);
    expect(hosts.map(({ target, sessions }) => [target.host, sessions.length])).toEqual([
      ["gpu", 1],
      ["10.0.0.1", 0],
    ]);
  });
});

describe("a job behind a login node", () => {
  const facts = (state: SessionState): App => {
    const login = { id: "id of gpu", target: { host: "gpu" } };
    const job = { id: "id of job", target: jobTarget({ login: login.target, jobId: "7" }) };
    const one = { ...session("1", "gpu", state), connectionId: job.id, host: job.target.host };
    return {
      connections: { all: [login, job], connecting: [job.target], get: () => undefined },
      viewers: { sessions: [one], unconfirmed: [], targetOf: () => job.target },
      waitingLogins: { lost: [] },
    } as unknown as App;
  };

  it("is no host of its own: its viewers stand below the login node", () => {
    const hosts = hostsOf(facts(lost({ kind: "connecting" })), [saved("gpu")]);
    expect(hosts.map(({ target, sessions, state }) => [target.host, sessions.length, state.kind])).toEqual([
      ["gpu", 1, "connected"],
    ]);
  });

  it("is left with the login node, before it", () => {
    expect(heldHosts(facts(lost({ kind: "connecting" })))).toEqual([
      { id: "id of gpu", host: "gpu", ids: ["id of job", "id of gpu"] },
    ]);
  });
});

describe("a host is", () => {
  it.each([
    ["not-connected", {}],
    ["connecting", { connecting: ["gpu"] }],
    ["connected", { open: ["gpu"], connecting: ["gpu"] }],
    ["reconnecting", { sessions: [["gpu", session("1", "gpu", lost({ kind: "until", at: 1 }))]] }],
    ["needs-person", { sessions: [["gpu", session("1", "gpu", needsPerson)]] }],
    // A person has wanted the next try.
    ["connecting", { connecting: ["gpu"], sessions: [["gpu", session("1", "gpu", needsPerson)]] }],
    ["not-connected", { sessions: [["gpu", session("1", "gpu", unconfirmed)]] }],
  ] as const)("%s", (state, facts) => {
    expect(states(facts, saved("gpu"))).toEqual({ gpu: state });
  });

  it.each([
    ["reconnecting", { kind: "until", at: 1 }],
    ["needs-person", { kind: "person", failure }],
  ] as const)("%s, and can be disconnected from, while only a job waits behind it", (state, wait) => {
    const app = appWith({ logins: [["gpu", wait]] });
    const [host] = hostsOf(app, [saved("gpu")]);
    expect([host?.state.kind, host?.awaited]).toEqual([state, "id of gpu"]);
    expect(heldHosts(app)).toEqual([{ id: "id of gpu", host: "gpu", ids: ["id of gpu"] }]);
  });

  it("kept to be disconnected from while its viewers wait for it", () => {
    const facts = { sessions: [["gpu", session("1", "gpu", needsPerson)]] as const };
    const [host] = hostsOf(appWith(facts), [saved("gpu")]);
    expect(host?.awaited).toBe("id of gpu");
    expect(host?.state).toEqual({ kind: "needs-person", failure });
  });
});

describe("a tree of 1,000 hosts and 500 viewers", () => {
  type Item = { readonly id: string; readonly look: string };
  const hosts = Array.from({ length: 1_000 }, (_, at) => saved(`user@host-${at}.example:2222`, at));
  const on = (at: number): string => `user@host-${at}.example:2222`;
  const sessionsWith = (state: SessionState): Facts["sessions"] =>
    Array.from({ length: 500 }, (_, at) => {
      const one = session(String(at), on(at), at === 250 ? state : lost({ kind: "connecting" }));
      return [on(at), one] as const;
    });
  const nodes = (facts: Facts): Node<undefined, Item>[] =>
    hostsOf(appWith(facts), hosts).map(({ id, state, sessions }) => ({
      item: { id, look: state.kind },
      data: undefined,
      children: sessions.map((one) => ({ item: { id: one.id, look: one.state.kind }, data: undefined })),
    }));

  it("is updated only where it looks different", async () => {
    let facts: Facts = { sessions: sessionsWith(lost({ kind: "connecting" })) };
    const tree = createShownTree(() => Promise.resolve(nodes(facts)));
    const roots = await tree.childrenOf(undefined);
    for (const root of roots) await tree.childrenOf(root);
    facts = { sessions: sessionsWith(needsPerson) };
    const changed = await tree.update();
    expect(changed === "all" ? changed : changed.map(({ item }) => item.id)).toEqual([
      savedIdOf(parseTarget(on(250))),
    ]);
    expect(await tree.childrenOf(undefined)).toEqual(roots);
  });
});
