import { describe, expect, it } from "vitest";
import { placesOf, type WindowFacts } from "../../../../src/vscode/places/placesOf.js";

const folder = { scheme: "vscode-remote", authority: "ssh-remote+gpu", path: "/data/runs" };
const local = { scheme: "file", authority: "", path: "/home/ada" };
const read = (facts: Partial<WindowFacts>, platform = "linux") =>
  placesOf(
    { isBesideFiles: false, remoteName: undefined, folders: [], workspaceFile: undefined, ...facts },
    platform,
    "box",
  );

describe("the place of a window", () => {
  it("is this machine on a laptop, below the hosts", () => {
    expect(read({ folders: [local] })).toEqual({
      isHereListed: true,
      isHereFirst: false,
      host: undefined,
      hereText: "box, the machine that VS Code runs on",
    });
    expect(read({}, "win32").isHereListed).toBe(false);
  });

  it("is this machine, and the first one, where the extension runs beside the files of a remote", () => {
    const there = read({ isBesideFiles: true, remoteName: "ssh-remote", folders: [folder] });
    expect(there).toMatchObject({ isHereFirst: true, host: undefined });
    expect(there.hereText).toBe("box, the machine that this window works on");
  });

  it("is a host if the extension runs locally, and the local machine is named", () => {
    const there = read({ remoteName: "ssh-remote", folders: [folder] });
    expect(there).toMatchObject({
      isHereFirst: false,
      host: { target: { host: "gpu" }, folder: "/data/runs" },
    });
    expect(there.hereText).toBe("box, the machine in front of you, not that of this window");
  });

  it("is a host without a folder if only its workspace file names it, and none in other remotes", () => {
    const workspace = { ...folder, path: "/data/all.code-workspace" };
    expect(read({ remoteName: "ssh-remote", folders: [local], workspaceFile: workspace }).host).toEqual({
      target: { host: "gpu" },
      folder: undefined,
    });
    const wsl = { ...folder, authority: "wsl+Ubuntu" };
    expect(read({ remoteName: "wsl", folders: [wsl] }).host).toBeUndefined();
    expect(read({ remoteName: "ssh-remote", folders: [{ ...folder, scheme: "file" }] }).host).toBeUndefined();
  });
});
