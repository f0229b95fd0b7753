import { describe, expect, it } from "vitest";
import { agentAddresses } from "../../../../src/ssh/config/agentAddresses.js";
import { interpretConfig, type Surroundings } from "../../../../src/ssh/config/hostConfig.js";

const linux: Surroundings = {
  home: "/home/ada",
  accountHome: "/home/ada",
  localUser: "ada",
  environment: { SSH_AUTH_SOCK: "/run/agent" },
  platform: "linux",
};
const windows: Surroundings = {
  home: "C:\\Users\\Ada L",
  accountHome: "C:\\Users\\Ada L",
  localUser: "Ada L",
  environment: { ProgramData: "D:\\Data", USERPROFILE: "C:\\Users\\Ada L" },
  platform: "win32",
};
const mac: Surroundings = {
  ...linux,
  home: "/Users/ada",
  accountHome: "/Users/ada",
  environment: { SSH_AUTH_SOCK: "/private/tmp/com.apple.launchd.x/Listeners" },
  platform: "darwin",
};

function interpret(lines: readonly string[], here: Surroundings = linux, target = {}) {
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [key = "", ...rest] = line.split(" ");
    values.set(key, [...(values.get(key) ?? []), rest.join(" ")]);
  }
  return interpretConfig(values, { host: "gpu", ...target }, here);
}

describe("without any configuration", () => {
  it.each<[string, Surroundings, string]>([
    ["Linux", linux, "/home/ada/.ssh/id_ed25519"],
    ["macOS", mac, "/Users/ada/.ssh/id_ed25519"],
    ["Windows", windows, "C:\\Users\\Ada L\\.ssh\\id_ed25519"],
  ])("uses the defaults on %s", (_name, here, identity) => {
    expect(interpret([], here)).toMatchObject({
      hostName: "gpu",
      port: 22,
      user: here.localUser,
      identitiesOnly: false,
      knownHostsFiles: undefined,
      unknownHostKey: "ask",
      route: { kind: "direct" },
    });
    expect(interpret([], here).identityFiles[0]).toBe(identity);
  });
});

describe("values", () => {
  it("of the person win over the configuration's", () => {
    const config = interpret(["user conf", "port 2222"], linux, { user: "me", port: 22 });
    expect(config).toMatchObject({ user: "me", port: 22 });
  });

  it("hold tokens, which are expanded once", () => {
    const lines = [
      "hostname %h.lab",
      "port 2222",
      "identityfile ~/keys/%n_%h_%r_%p_%u%%d",
      "identityfile %d/k",
    ];
    expect(interpret([...lines, "user bob"])).toMatchObject({
      hostName: "gpu.lab",
      identityFiles: ["/home/ada/keys/gpu_gpu.lab_bob_2222_ada%d", "/home/ada/k"],
    });
  });

  it.each([
    ["yes", "refuse"],
    ["true", "refuse"],
    ["ask", "ask"],
    ["accept-new", "accept"],
    ["no", "accept"],
    ["false", "accept"],
    ["off", "accept"],
  ])("StrictHostKeyChecking %s means %s", (value, expected) => {
    expect(interpret([`stricthostkeychecking ${value}`]).unknownHostKey).toBe(expected);
  });

  it("for liveness, time limits, methods, compression and aliases are taken", () => {
    const lines = [
      "serveraliveinterval 30",
      "serveralivecountmax 5",
      "connecttimeout 7",
      "preferredauthentications keyboard-interactive,publickey",
      "compression yes",
      "hostkeyalias cluster",
      "identitiesonly yes",
      "identityfile none",
      "certificatefile ~/.ssh/id-cert.pub",
    ];
    expect(interpret(lines)).toMatchObject({
      serverAlive: { intervalSeconds: 30, countMax: 5 },
      connectTimeout: 7,
      authenticationMethods: ["keyboard-interactive", "publickey"],
      compression: true,
      hostKeyAlias: "cluster",
      identitiesOnly: true,
      identityFiles: [],
      hasCertificate: true,
    });
    expect(interpret(["serveraliveinterval 0", "connecttimeout none"])).toMatchObject({
      serverAlive: undefined,
      connectTimeout: undefined,
    });
  });
});

describe("authentication methods", () => {
  it.each([
    [[], ["publickey", "keyboard-interactive", "password"]],
    [["pubkeyauthentication false"], ["keyboard-interactive", "password"]],
    [["passwordauthentication no", "kbdinteractiveauthentication no"], ["publickey"]],
    [["challengeresponseauthentication no"], ["publickey", "password"]],
    [["preferredauthentications password,publickey", "pubkeyauthentication no"], ["password"]],
    [["pubkeyauthentication unbound"], ["publickey", "keyboard-interactive", "password"]],
  ])("%j", (lines, methods) => {
    expect(interpret(lines).authenticationMethods).toEqual(methods);
  });
});

describe("variables in paths", () => {
  const here = { ...linux, environment: { KEYS: "/keys", RUN: "/run/user/1" } };

  it("are expanded as ssh does", () => {
    const lines = [
      "identityfile ${KEYS}/%n",
      "identityfile ${UNSET}/id",
      "userknownhostsfile ${KEYS}/known_hosts ${KEYS}/other",
      "globalknownhostsfile none",
      "identityagent ${RUN}/agent.sock",
    ];
    expect(interpret(lines, here)).toMatchObject({
      identityFiles: ["/keys/gpu", "${UNSET}/id"],
      knownHostsFiles: ["/keys/known_hosts", "/keys/other"],
      agents: ["/run/user/1/agent.sock"],
    });
    expect(interpret(["identityfile ${USERPROFILE}\\.ssh\\id"], windows).identityFiles).toEqual([
      "C:\\Users\\Ada L\\.ssh\\id",
    ]);
  });
});

describe("the route", () => {
  it("goes through jump hosts, the nearest first", () => {
    const { route } = interpret(["proxyjump ada@login:2222,[fe80::1]:22,ssh://bob@inner"]);
    expect(route).toEqual({
      kind: "jump",
      hops: [
        { host: "login", user: "ada", port: 2222 },
        { host: "fe80::1", port: 22 },
        { host: "inner", user: "bob" },
      ],
    });
  });

  it("goes through a command, with tokens", () => {
    expect(interpret(["proxycommand nc -X %% %h %p %r", "user bob"]).route).toEqual({
      kind: "command",
      command: "nc -X % gpu 22 bob",
    });
  });

  it.each(["proxyjump none", "proxycommand none"])("%s is direct", (line) => {
    expect(interpret([line]).route).toEqual({ kind: "direct" });
  });

  it("through an invalid host is rejected", () => {
    expect(() => interpret(["proxyjump -oProxyCommand=evil"])).toThrow("target-invalid");
  });
});

describe("known_hosts files", () => {
  it.each<[string, Surroundings, string[], string[] | undefined]>([
    [
      "as ssh -G joins them",
      linux,
      [
        "userknownhostsfile /home/ada/.ssh/known_hosts /home/ada/my keys/kh ~/.kh",
        "globalknownhostsfile /etc/ssh/x",
      ],
      ["/home/ada/.ssh/known_hosts", "/home/ada/my keys/kh", "/home/ada/.kh", "/etc/ssh/x"],
    ],
    ["none at all", linux, ["userknownhostsfile none", "globalknownhostsfile none"], []],
    [
      "in an account whose home is another",
      { ...linux, accountHome: "/root" },
      ["userknownhostsfile /root/.ssh/known_hosts", "globalknownhostsfile none"],
      ["/home/ada/.ssh/known_hosts"],
    ],
    [
      "on Windows, with drive letters, blanks and ProgramData",
      windows,
      [
        "userknownhostsfile C:\\Users\\Ada L/.ssh/known_hosts D:\\more keys\\kh",
        "globalknownhostsfile __PROGRAMDATA__\\ssh/ssh_known_hosts",
      ],
      ["C:\\Users\\Ada L\\.ssh\\known_hosts", "D:\\more keys\\kh", "D:\\Data\\ssh\\ssh_known_hosts"],
    ],
  ])("%s", (_name, here, lines, expected) => {
    expect(interpret(lines, here).knownHostsFiles).toEqual(expected);
  });
});

describe("agents", () => {
  const pipes = () => ["openssh-ssh-agent", "pageant.Ada L.0123", "pageant.Bob.4567", "other"];
  const path = (text: string): string => text.replace("~", "/home/ada");

  it.each<[string, string | undefined, Surroundings, string[]]>([
    ["the environment's", undefined, linux, ["/run/agent"]],
    ["the environment's on macOS", undefined, mac, ["/private/tmp/com.apple.launchd.x/Listeners"]],
    ["the environment's by its name", "SSH_AUTH_SOCK", linux, ["/run/agent"]],
    ["none", "none", linux, []],
    ["a path", "~/agent.sock", linux, ["/home/ada/agent.sock"]],
    ["a variable", "$OTHER", { ...linux, environment: { OTHER: "/other" } }, ["/other"]],
    ["a variable in braces", "${OTHER}", { ...linux, environment: { OTHER: "/other" } }, ["/other"]],
    ["a variable that is not set", "$OTHER", linux, []],
    ["none set", undefined, { ...linux, environment: {} }, []],
    [
      "on Windows the pipes of OpenSSH and Pageant",
      undefined,
      windows,
      ["\\\\.\\pipe\\openssh-ssh-agent", "\\\\.\\pipe\\pageant.Ada L.0123"],
    ],
    [
      "on Windows first the environment's",
      undefined,
      { ...windows, environment: { SSH_AUTH_SOCK: "\\\\.\\pipe\\mine" } },
      ["\\\\.\\pipe\\mine", "\\\\.\\pipe\\openssh-ssh-agent", "\\\\.\\pipe\\pageant.Ada L.0123"],
    ],
    ["on Windows a pipe of another program", "\\\\.\\pipe\\op-agent", windows, ["\\\\.\\pipe\\op-agent"]],
  ])("%s", (_name, configured, here, expected) => {
    expect(agentAddresses(configured, here, path, pipes)).toEqual(expected);
  });
});
