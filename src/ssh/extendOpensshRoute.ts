import { chosenJump, type HostConfig, isReachedOnce } from "./config/hostConfig.js";
import type { Opened } from "./inProcess/attempt.js";
import type { OpensshLogin, OpensshRoute } from "./model/opensshRoute.js";
import type { Target } from "./model/target.js";

/**
 * The way as far as here, one host further; impossible where that host took what nobody can give a second time.
 * @param mayRepeatCommand whether a ProxyCommand that leads to the host may run once more for each tunnel.
 */
export function extendOpensshRoute(
  opensshRoute: OpensshRoute,
  target: Target,
  { accepted, hostKey }: Opened,
  knownHostsFiles: readonly string[],
  config: HostConfig,
  mayRepeatCommand: boolean,
): OpensshRoute {
  if (opensshRoute.kind === "impossible") return opensshRoute;
  const login = loginOf(accepted);
  if (typeof login === "string") return { kind: "impossible", reason: `${target.host}: ${login}` };
  const { hasForwards } = config;
  const jump = chosenJump(config);
  const hostKeyTypes = [hostKey.type];
  const once = isReachedOnce(config, mayRepeatCommand);
  const host = { target, login, knownHostsFiles, hostKeyTypes, isReachedOnce: once, hasForwards, jump };
  return { kind: "possible", hosts: [...opensshRoute.hosts, host] };
}

/** What opens the host once more, or why nothing does. */
function loginOf([only, ...others]: Opened["accepted"]): OpensshLogin | string {
  if (only === undefined || others.length > 0) return "the server wants more than one factor";
  if (only === "nothing") return { kind: "nothing" };
  if (only === "answers") return "the login was by password or questions";
  const { place, publicKey } = only;
  if (place.kind === "file") {
    return place.encrypted ? "the key is encrypted" : { kind: "file", path: place.path };
  }
  if (place.kind === "memory") return "the key was given as text";
  if (!publicKey) return "the agent's key is not known";
  const text = `${publicKey.type} ${publicKey.getPublicSSH().toString("base64")}`;
  return { kind: "agent", address: place.address, publicKey: text };
}
