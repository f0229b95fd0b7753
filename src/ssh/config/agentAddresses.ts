import { readdirSync } from "node:fs";

const windowsPipes = "\\\\.\\pipe\\";
const windowsAgent = `${windowsPipes}openssh-ssh-agent`;

export interface AgentSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly localUser: string;
}

/**
 * Where an agent may listen, the most wanted first: IdentityAgent alone where it is set, else `SSH_AUTH_SOCK`, and on
 * Windows the pipe of OpenSSH's agent and that of Pageant.
 * @param configured the value of IdentityAgent.
 * @param path expands `~`, tokens and variables.
 * @param listPipes names the pipes of a Windows system.
 */
export function agentAddresses(
  configured: string | undefined,
  { environment, platform, localUser }: AgentSurroundings,
  path: (text: string) => string,
  listPipes: () => readonly string[] = namedPipes,
): readonly string[] {
  if (configured === "none") return [];
  const [, variable] = /^\$\{?(\w+)\}?$/.exec(configured ?? "") ?? [];
  if (variable !== undefined) return present(environment[variable]);
  if (configured !== undefined && configured !== "SSH_AUTH_SOCK") {
    return [configured.startsWith(windowsPipes) ? configured : path(configured)];
  }
  const fromEnvironment = present(environment["SSH_AUTH_SOCK"]);
  if (platform !== "win32" || configured !== undefined) return fromEnvironment;
  return [...fromEnvironment, windowsAgent, ...pageantPipes(localUser, listPipes)];
}

function present(value: string | undefined): string[] {
  return value ? [value] : [];
}

/** Pageant's pipe has a name that only Windows can compute, `pageant.USER.HASH`: look for it among those there are. */
function pageantPipes(localUser: string, listPipes: () => readonly string[]): string[] {
  return listPipes()
    .filter((name) => name.startsWith(`pageant.${localUser}.`))
    .map((name) => windowsPipes + name);
}

function namedPipes(): readonly string[] {
  try {
    return readdirSync(windowsPipes);
  } catch {
    return [];
  }
}
