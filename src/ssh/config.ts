import { userInfo } from "node:os";
import type { Logger } from "../common/logger.js";
import { createSshProgram, type SshProgram } from "./sshProgram.js";
import { type HostConfig, interpretConfig } from "./hostConfig.js";
import { readConfigFile } from "./configFile.js";
import type { Target } from "./target.js";

export interface ConfigSource {
  /** The local home folder. */
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/** What `~/.ssh/config` says of hosts; with `defaults`, what holds where it says nothing. */
export type ReadConfig = (target: Target, from?: "files" | "defaults") => Promise<HostConfig>;

/** Asks `ssh -G`, which is the truth about Match, Include and tokens; reads the file ourselves where there is no ssh. */
export function createConfigReader({ home, environment, logger }: ConfigSource): ReadConfig {
  const ssh = createSshProgram({ home, environment });
  let toldOfLimits = false;
  const surroundings = {
    home,
    environment,
    platform: process.platform,
    localUser: userInfo().username,
    accountHome: userInfo().homedir,
  };
  return async (target, from = "files") => {
    if (from === "defaults") return interpretConfig(new Map(), target, surroundings);
    const asked = await askSsh(ssh, target, logger);
    if (asked) return interpretConfig(asked, target, surroundings);
    if (!toldOfLimits) logger.warn("~/.ssh/config is read without Include, Match exec and most tokens");
    toldOfLimits = true;
    return interpretConfig(await readConfigFile(target, home), target, surroundings);
  };
}

async function askSsh(ssh: SshProgram, target: Target, logger: Logger) {
  const answer = await ssh.configurationOf(target);
  if (answer.kind === "values") return answer.values;
  logger.warn(answer.kind === "no-program" ? "there is no ssh program" : `ssh -G failed: ${answer.said}`);
  return undefined;
}
