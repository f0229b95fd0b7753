import { describe, expect, it } from "vitest";
import {
  type Draft,
  draftOf,
  isSame,
  problemsOf,
  rebase,
  targetOf,
} from "../../../../src/vscode/connectionPage/draft.js";

const plain = draftOf({ target: { host: "gpu" } });

describe("a draft in the form of a connection", () => {
  it.each<Partial<Draft>>([
    {},
    { host: " gpu ", user: "DOM\\ada", port: "22" },
    { host: "[fe80::1]" },
    { host: "fe80::1" },
    { keyFile: "~/.ssh/id", authentication: "key" },
    { keyFile: "C:\\keys\\id" },
    { jump: "none" },
    { jump: "ada@login:2222, [fe80::2]:22" },
    { python: "/env/bin/python", root: "~", localPort: "24000" },
    { name: "实验室 A100" },
    { lines: "module load python\nexport A='b c'\n" },
  ])("is valid: %j", (change) => {
    expect(problemsOf({ ...plain, ...change })).toEqual({});
  });

  it.each<[Partial<Draft>, object]>([
    [{ host: " " }, { host: "host-missing" }],
    [{ host: "ada@gpu" }, { host: "host-invalid" }],
    [{ host: "gpu:22" }, { host: "host-invalid" }],
    [{ host: "-oProxyCommand=x" }, { host: "host-invalid" }],
    [{ user: "-l" }, { user: "user-invalid" }],
    [{ user: "a;b" }, { user: "user-invalid" }],
    [{ port: "0" }, { port: "port-invalid" }],
    [{ port: "65536" }, { port: "port-invalid" }],
    [{ port: "2e3" }, { port: "port-invalid" }],
    [{ authentication: "key" }, { keyFile: "key-missing" }],
    [{ keyFile: "id" }, { keyFile: "key-relative" }],
    [{ jump: "a,,b" }, { jump: "jump-invalid" }],
    [{ jump: "a b" }, { jump: "jump-invalid" }],
    [{ lines: "a\u0000b" }, { lines: "lines-invalid" }],
    [{ lines: "true\n".repeat(51) }, { lines: "lines-invalid" }],
    [{ python: "python" }, { python: "python-relative" }],
    [{ root: "runs" }, { root: "root-relative" }],
    [{ localPort: "80" }, { localPort: "local-port-invalid" }],
    [
      { name: "a\nb", root: `/${"r".repeat(1_000)}` },
      { name: "too-long", root: "too-long" },
    ],
  ])("is invalid: %j", (change, problems) => {
    expect(problemsOf({ ...plain, ...change })).toEqual(problems);
  });

  it("has the target of its connection", () => {
    for (const target of [{ host: "gpu" }, { host: "fe80::1", user: "ada", port: 2222 }])
      expect(targetOf(draftOf({ target }))).toEqual(target);
    expect(targetOf({ ...plain, host: " [fe80::1] " })).toEqual({ host: "fe80::1" });
  });

  it("takes changes made elsewhere into untouched fields", () => {
    const draft = { ...plain, name: "mine", root: "/mine" };
    const now = { ...plain, root: "/theirs", python: "/p" };
    expect(rebase(draft, plain, now)).toEqual({ ...plain, name: "mine", root: "/mine", python: "/p" });
    expect(isSame(draft, plain)).toBe(false);
    expect(isSame(draft, plain, ["host", "authentication"])).toBe(true);
  });
});
