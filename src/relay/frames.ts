import * as z from "zod";
import type { Credentials } from "../ssh/connectRequest.js";

/** What a main server wants to be run. */
export interface RelayCommand {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly credentials: Credentials;
  readonly command: string;
  /** Milliseconds; undefined: our own limit only. */
  readonly timeLimit: number | undefined;
}

/** What a main server is answered. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What a message of the main server says. */
export type Incoming =
  | { readonly kind: "command"; readonly command: RelayCommand }
  /** It names a command, and cannot be understood: the answer says which field is at fault. */
  | { readonly kind: "malformed"; readonly id: string; readonly field: string }
  /** @param id of the result that arrived; the document's own acknowledgement does not say it. */
  | { readonly kind: "acknowledged"; readonly id: string | undefined; readonly success: boolean }
  | { readonly kind: "unusable" };

/** Characters of a command, and of a secret. */
const longestText = 1024 * 1024;
const longestSecret = 64 * 1024;

const commandId = z.string().min(1).max(256);
const secret = z.string().max(longestSecret).nullish();

const executeCommand = z
  .object({
    commandId,
    serverId: z.number(),
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535),
    username: z.string().min(1).max(255),
    password: secret,
    privateKey: secret,
    command: z
      .string()
      .min(1)
      .max(longestText)
      .refine((text) => !text.includes("\0")),
    timeout: z.number().nonnegative().nullish(),
  })
  // An empty one counts as none, as it does for those who wrote to the document's example.
  .refine(({ password, privateKey }) => Boolean(password) || Boolean(privateKey), { path: ["password"] });

const received = z.object({ success: z.boolean(), commandId: commandId.optional() });

const frame = z.object({ event: z.string().max(256), data: z.unknown() });

/** Reads the data of one event. Nothing of it is ever repeated in an answer or a log but the command's id. */
export function readEvent(event: string, data: unknown): Incoming {
  switch (event) {
    case "execute_command":
      return readCommand(data);
    case "command_result_received": {
      const read = received.safeParse(data);
      if (!read.success) return { kind: "unusable" };
      return { kind: "acknowledged", id: read.data.commandId, success: read.data.success };
    }
    default:
      return withId(data) ?? { kind: "unusable" };
  }
}

/** Reads a text frame of the plain WebSocket: `{"event": …, "data": …}`. */
export function readTextFrame(text: string): { readonly event: string; readonly data: unknown } | undefined {
  try {
    return frame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function readCommand(data: unknown): Incoming {
  const read = executeCommand.safeParse(data);
  if (!read.success) {
    const field = String(read.error.issues[0]?.path[0] ?? "data");
    return withId(data, field) ?? { kind: "unusable" };
  }
  const { password, privateKey, username, timeout, command, host, port } = read.data;
  return {
    kind: "command",
    command: {
      id: read.data.commandId,
      host,
      port,
      user: username,
      command,
      timeLimit: timeout || undefined,
      // A main server is lent nothing of the person whose machine this is: no agent, no keys of theirs.
      credentials: {
        onlyGiven: true,
        ...(password && { password }),
        ...(privateKey && { privateKeys: [privateKey] }),
      },
    },
  };
}

function withId(data: unknown, field = "event"): Incoming | undefined {
  const read = z.object({ commandId }).safeParse(data);
  return read.success ? { kind: "malformed", id: read.data.commandId, field } : undefined;
}
