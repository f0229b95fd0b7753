import { createConnection } from "node:net";
import { keyTypeOfBlob } from "../hostKeys/knownHostsFile.js";

/** What an agent says when it is asked for its keys. */
export type AgentAnswer =
  /** `types` of its keys; those that ssh2 does not know are among them. */
  | { readonly kind: "listed"; readonly types: readonly string[] }
  /** Accepted the connection and did not answer within 5 s: a forwarded agent whose other end is gone, or a stuck one. */
  | { readonly kind: "silent" }
  | { readonly kind: "unreachable" };

/** Milliseconds for an agent to list its keys. */
const agentLimit = 5_000;
/** Bytes of its answer. */
const largestAnswer = 256 * 1024;
const requestIdentities = Buffer.from([0, 0, 0, 1, 11]);
const identitiesAnswer = 12;

/**
 * Speaks the agent protocol itself: ssh2 has no time limit, and drops key types that it does not know. Leaves nothing
 * open.
 */
export function askAgent(address: string): Promise<AgentAnswer> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket = createConnection(address);
    const end = (result: AgentAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    // Not the socket's own limit, which begins anew with each byte.
    const timer = setTimeout(end, agentLimit, { kind: "silent" });
    socket.once("error", () => end({ kind: "unreachable" }));
    socket.once("close", () => end({ kind: "unreachable" }));
    socket.once("connect", () => socket.write(requestIdentities));
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4) return;
      const length = answer.readUInt32BE(0);
      if (length > largestAnswer) end({ kind: "unreachable" });
      else if (answer.length >= 4 + length)
        end({ kind: "listed", types: keyTypesOf(answer.subarray(4, 4 + length)) });
    });
  });
}

/** Type, count, then a blob and a comment for each key (draft-ietf-sshm-ssh-agent). */
function keyTypesOf(answer: Buffer): string[] {
  const types: string[] = [];
  if (answer[0] !== identitiesAnswer) return types;
  let offset = 5;
  for (let field = 0; offset + 4 <= answer.length; field += 1) {
    const next = offset + 4 + answer.readUInt32BE(offset);
    if (next > answer.length) break;
    const type = field % 2 === 0 ? keyTypeOfBlob(answer.subarray(offset + 4, next)) : undefined;
    if (type !== undefined) types.push(type);
    offset = next;
  }
  return types;
}
