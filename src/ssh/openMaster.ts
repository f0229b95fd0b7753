import { join } from "node:path";
import { Failure } from "../common/failure.js";
import { type Askpass, startAskpass } from "./askpass.js";
import { answerAskpass } from "./askpassAnswers.js";
import type { Credentials } from "./connectRequest.js";
import type { SshFailure } from "./failures.js";
import { type SshStart, startHeldSsh } from "./heldSsh.js";
import type { Interaction, Subject } from "./interaction.js";
import type { HeldMaster } from "./opensshConnection.js";
import { hostKeyVerdict, writeOpensshFiles } from "./opensshFiles.js";
import type { OpensshHost } from "./opensshWay.js";
import { createPhaseTimer } from "./phaseTimer.js";
import { makePrivateFolder } from "./privateFolder.js";
import { destinationOptions, type SshProgram } from "./sshProgram.js";

export type MasterStart =
  | { readonly kind: "open"; readonly master: HeldMaster }
  /** `said` is the end of what ssh wrote. */
  | { readonly kind: "refused"; readonly said: string };

export interface MasterRequest {
  readonly program: SshProgram;
  /** The way; every key on it must have been verified. */
  readonly hosts: readonly OpensshHost[];
  readonly subject: Subject;
  readonly credentials: Credentials;
  readonly interaction: Interaction;
  readonly signal: AbortSignal | undefined;
  /** Hears when a security key begins and ends to wait for a touch. */
  readonly onTouch: (waits: boolean) => void;
}

/** Milliseconds to log in: a security key waits to be touched. sshd itself gives up after two minutes. */
const loginLimit = 130_000;

/**
 * Logs in with the system's ssh, which then holds the connection for as long as we live.
 * @throws Failure `openssh-host-key-refused`, or Cancelled.
 */
export async function openMaster(request: MasterRequest): Promise<MasterStart> {
  const folder = await makePrivateFolder();
  try {
    const controlPath = join(folder.path, "m");
    const start = await logIn(request, folder.path, controlPath);
    if (start.kind === "running") {
      return { kind: "open", master: { ssh: start.ssh, program: request.program, controlPath, folder } };
    }
    if (hostKeyVerdict.test(start.said)) {
      const { host, port, onTheWayTo } = request.subject;
      throw new Failure<SshFailure>({
        code: "openssh-host-key-refused",
        output: start.said,
        host,
        port,
        onTheWayTo,
      });
    }
    await folder.dispose();
    return { kind: "refused", said: start.said };
  } catch (error) {
    await folder.dispose();
    throw error;
  }
}

/** What ssh asks meanwhile is answered; a question that a person closes ends the login. */
async function logIn(request: MasterRequest, folder: string, controlPath: string): Promise<SshStart> {
  const { program, hosts, signal } = request;
  const { target } = hosts.at(-1) as OpensshHost;
  const limit = new AbortController();
  const timer = createPhaseTimer(() => limit.abort());
  const unasked: unknown[] = [];
  const given = new AbortController();
  const identityFiles = hosts.flatMap(({ login }) => (login.kind === "own" ? login.identityFiles : []));
  let askpass: Askpass | undefined;
  try {
    if (await program.asksThroughProgram()) {
      const answer = answerAskpass({
        ...request,
        identityFiles,
        asking: (question) => timer.paused(question),
      });
      askpass = await startAskpass(folder, answer, (error) => {
        unasked.push(error);
        given.abort();
      });
    }
    const configuration = await writeOpensshFiles(hosts, folder, program, askpass !== undefined);
    if (configuration === undefined)
      return { kind: "ended", said: "a path cannot be written into a configuration" };
    const args = [
      ...["-T", "-M", "-S", controlPath, "-F", configuration],
      // The configuration's own forwards: no other ssh of the person's must lose its ports.
      ...["-o", "ClearAllForwardings=yes"],
      ...destinationOptions(target),
      ...["--", target.host, "exec cat"],
    ];
    timer.start(loginLimit);
    return await startHeldSsh(program.command, args, {
      environment: { ...program.environment, ...askpass?.environment },
      signal: AbortSignal.any([given.signal, ...(signal ? [signal] : [])]),
      limit: limit.signal,
      folder,
    });
  } catch (error) {
    throw unasked.length > 0 ? unasked[0] : error;
  } finally {
    timer.stop();
    await askpass?.dispose();
  }
}
