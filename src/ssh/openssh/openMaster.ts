import { join } from "node:path";
import { Failure } from "../../common/failure.js";
import { hasLink } from "../../common/text/links.js";
import { type Askpass, startAskpass } from "./askpass.js";
import { answerAskpass } from "./askpassAnswers.js";
import type { Credentials } from "../model/connectRequest.js";
import type { SshFailure } from "../model/failures.js";
import { type SshStart, startHeldSsh } from "./heldSsh.js";
import type { Interaction, Subject } from "../model/interaction.js";
import type { HeldMaster } from "./connection.js";
import { hostKeyVerdict, writeOpensshFiles } from "./configuration.js";
import type { OpensshHost } from "../model/opensshRoute.js";
import { shellCommand } from "../channel/heldShell.js";
import { createPhaseTimer, loginLimit } from "../login/phaseTimer.js";
import { makePrivateFolder, systemRefusal } from "./privateFolder.js";
import { destinationOptions, type SshProgram } from "../config/sshProgram.js";

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

/**
 * Logs in with the system's ssh, which then holds the connection for as long as we live.
 * @throws Failure `openssh-host-key-refused`, or Cancelled.
 */
export async function openMaster(request: MasterRequest): Promise<MasterStart> {
  const made = await makePrivateFolder();
  if (made.kind === "unable") return { kind: "refused", said: made.reason };
  const { folder } = made;
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
    const refusal = systemRefusal(error);
    if (refusal === undefined) throw error;
    return { kind: "refused", said: refusal };
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
    // SSH_ASKPASS_REQUIRE: it lets a program of ours answer what it asks.
    if (await program.isAtLeast(8, 4)) {
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
      // It keeps the server's banner to itself otherwise.
      ...["-o", "LogLevel=INFO"],
      ...destinationOptions(target),
      ...["--", target.host, shellCommand],
    ];
    timer.start(loginLimit);
    return await startHeldSsh(program.command, args, {
      environment: { ...program.environment, ...askpass?.environment },
      signal: AbortSignal.any([given.signal, ...(signal ? [signal] : [])]),
      limit: limit.signal,
      onSaid: (text) => {
        const notice = {
          kind: "server",
          subject: request.subject,
          texts: [text],
          isInstruction: false,
        } as const;
        // A person who sees where to confirm the login decides how long it takes.
        if (request.interaction.notify(notice) && hasLink([text])) timer.stop();
      },
      folder,
    });
  } catch (error) {
    throw unasked.length > 0 ? unasked[0] : error;
  } finally {
    timer.stop();
    await askpass?.dispose();
  }
}
