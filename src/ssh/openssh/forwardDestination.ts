import { hostPort } from "../../common/text/hostPort.js";
import type { RemoteAddress } from "../model/remoteAddress.js";

/** The second half of what `ssh -L` takes. A path must be absolute, and have no `:`, `%`, `$` and white space. */
export function forwardDestination(to: RemoteAddress): string {
  return "socket" in to ? to.socket : hostPort(to.host, to.port);
}
