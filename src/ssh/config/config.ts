import { userInfo } from "node:os";
import { Failure } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import type { SshProgram } from "./sshProgram.js";
import { type HostConfig, interpretConfig } from "./hostConfig.js";
import { readConfigFile } from "./configFile.js";
import type { SshFailure } from "../model/failures.js";
import { checkTarget, type Target } from "../model/target.js";

export interface ConfigSource {
  readonly program: SshProgram;
  readonly logger: Logger;
}

/** What `~/.ssh/config` says of hosts; with `defaults`, what holds where it says nothing. */
export type ReadConfig = (target: Target, from?: "files" | "defaults") => Promise<HostConfig>;

/**
 * Resolves the configuration with `ssh -G`, which knows Match, Include and tokens; without an ssh program, reads the
 * file itself. If ssh rejects the file, that is a Failure `ssh-config-refused`: our own reading could lead to another
 * host. A name that is unsafe in a `Match exec` or a ProxyCommand never reaches one: `target-invalid` or
 * `name-unfit-for-command`.
 */
export function createConfigReader({ program, logger }: ConfigSource): ReadConfig {
  const { home, environment } = program;
  let toldOfLimits = false;
  const surroundings = {
    home,
    environment,
    platform: process.platform,
    localUser: userInfo().username,
    accountHome: userInfo().homedir,
  };
  return async (target, from = "files") => {
    checkTarget(target);
    if (from === "defaults") return interpretConfig(new Map(), target, surroundings);
    const asked = await askSsh(program, target, logger);
    if (asked) return interpretConfig(asked, target, surroundings);
    if (!toldOfLimits) logger.warn("~/.ssh/config is read without Include, Match exec and most tokens");
    toldOfLimits = true;
    return interpretConfig(await readConfigFile(target, program.usersFile), target, surroundings);
  };
}

async function askSsh(program: SshProgram, target: Target, logger: Logger) {
  const answer = await program.configurationOf(target);
  switch (answer.kind) {
    case "values":
      return answer.values;
    case "refused":
      throw new Failure<SshFailure>({
        code: "ssh-config-refused",
        said: answer.said,
        ...placeIn(answer.said),
      });
    case "unable":
      logger.warn(`ssh -G failed: ${answer.said}`);
      return undefined;
    case "no-program":
      logger.warn("there is no ssh program");
      return undefined;
  }
}

/** The file and the line that ssh names: `FILE: line 3: …`, `FILE line 3: …`, `Bad owner or permissions on FILE`. */
function placeIn(said: string): { readonly file?: string; readonly line?: number } {
  const [, file, line] = /^(\S.*?):? line (\d+):/m.exec(said) ?? [];
  if (file !== undefined) return { file, line: Number(line) };
  const [, badlyOwned] = /^Bad owner or permissions on (.+?)\r?$/m.exec(said) ?? [];
  return badlyOwned === undefined ? {} : { file: badlyOwned };
}
