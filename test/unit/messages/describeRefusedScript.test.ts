import { describe, expect, it } from "vitest";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import { describeRefusedScript } from "../../../src/messages/describeRefusedScript.js";
import type { FailureWords } from "../../../src/messages/failureWords.js";

const wordsFor = (output: string, exitStatus?: number): FailureWords =>
  describeRefusedScript({ code: "script-did-not-run", host: "gpu", output, exitStatus });

describe("a host that runs no command", () => {
  it.each([
    ["Your password has expired.", "password of your account"],
    ["This account is currently not available.", "may not log in"],
    ["This service allows sftp connections only.", "SFTP only"],
    ["'exec' is not recognized as an internal or external command,\r\noperable program", "runs Windows"],
    ["'exec' 不是内部或外部命令，也不是可运行的程序", "runs Windows"],
    ['Der Befehl "exec" ist entweder falsch geschrieben oder', "runs Windows"],
    ["exec : Die Benennung\n+ FullyQualifiedErrorId : CommandNotFoundException", "runs Windows"],
    ["rbash: line 1: exec: restricted", "certain commands only"],
    ["*** forbidden command: exec", "certain commands only"],
    ["fatal: unrecognized command 'exec /bin/sh -s'", "certain commands only"],
    ["Welcome\n 1) Log out\n 2) Change password\n", "a menu"],
    ["Bastion\nPlease select an option:", "a menu"],
    ["Lustre: 1 of 2 disks\nmodule: command not found\nBye", "module: command not found"],
  ])("is described by what it prints: %j", (output, part) => {
    expect(wordsFor(output, 1).message).toContain(part);
  });

  it("is not said to print what our script prints", () => {
    const redirected = wordsFor(`<<${"a1".repeat(12)}\nH\0/home/ada\0`);
    expect(redirected.message).toContain("standard error");
    expect(redirected.output).toBeUndefined();
    const echoed = wordsFor(`main\nprintf '%s\\n' '<<${"a1".repeat(12)}'\nstatus=$?`, 0);
    expect(echoed.message).toContain("said nothing");
    expect(echoed.output).toBeUndefined();
  });

  it("cannot fill the screen or draw on it", () => {
    const { message } = wordsFor(`\u001b[2J${"error ".repeat(1000)}`);
    expect(message).toContain("\\x1b[2J");
    expect(message.length).toBeLessThan(500);
  });

  it("needs no advice about a log that is empty", () => {
    const ended = { code: "viewer-exited", exitCode: 1, log: " \n" } as const;
    expect(describeFailure(ended).advice).toBe("It wrote nothing into its log.");
  });

  it("blames no log for a viewer that was killed", () => {
    const killed = { code: "viewer-exited", exitCode: -9, log: "INFO: started" } as const;
    expect(describeFailure(killed)).toMatchObject({
      message: "The viewer was ended by signal 9.",
      advice: "Something on the host killed it, often because memory ran out.",
    });
  });
});
