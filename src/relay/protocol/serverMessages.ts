import * as z from "zod";
import { isNestedDeeperThan } from "../../common/text/jsonText.js";
import type { Credentials } from "../../ssh/model/connectRequest.js";

/** What a main server wants to be run. */
export interface RelayCommand {
  /** See {@link readId}. */
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

/** What became of a command. */
export type CommandFate = "done" | "failed" | "refused";

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
/** Levels of arrays and objects in a frame. */
const deepestFrame = 64;

const longestId = 256;
/** Characters of what stands in the place of an id, as JSON. */
const longestOddId = 64 * 1024;
/** Marks the key of an id that is no text: the JSON that was sent follows. */
const jsonMark = "\0";

const secret = z.string().max(longestSecret).nullish();

/** A number, or its digits: servers that fill in forms send those. */
const digits = z.string().regex(/^\d{1,15}$/);
const numeric = z.union([z.number(), digits.transform(Number)]);

/** `serverId` is of no use to us, whatever it is. */
const executeCommand = z
  .object({
    host: z.string().min(1).max(255),
    port: numeric.pipe(z.number().int().min(1).max(65_535)),
    username: z.string().min(1).max(255),
    password: secret,
    privateKey: secret,
    command: z
      .string()
      .min(1)
      .max(longestText)
      .refine((text) => !text.includes("\0")),
    timeout: numeric.pipe(z.number().nonnegative()).nullish(),
  })
  // An empty one counts as none, as it does for those who wrote to the document's example.
  .refine(({ password, privateKey }) => Boolean(password) || Boolean(privateKey), { path: ["password"] });

const received = z.object({ success: z.boolean(), commandId: z.unknown().optional() });

const frame = z.object({ event: z.string().max(256), data: z.unknown() });

/** Reads the data of one event. Nothing of it is ever repeated in an answer or a log but the command's id. */
export function readEvent(event: string, data: unknown): Incoming {
  switch (event) {
    case "execute_command":
      return readCommand(data);
    case "command_result_received": {
      const read = received.safeParse(data);
      if (!read.success) return { kind: "unusable" };
      return { kind: "acknowledged", id: readId(read.data.commandId)?.id, success: read.data.success };
    }
    default:
      return withId(data);
  }
}

/** Reads a text frame of the plain WebSocket: `{"event": …, "data": …}`. */
export function readTextFrame(text: string): { readonly event: string; readonly data: unknown } | undefined {
  if (isNestedDeeperThan(deepestFrame, text)) return undefined;
  try {
    return frame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * The id of a command as the agent keeps it: a text, so that the journal can hold it. A number is as good an id; anything
 * else is none, and is still what the server waits to hear again.
 * @returns undefined where nothing was sent, or more than an answer repeats.
 */
function readId(sent: unknown): { readonly id: string; readonly isUsable: boolean } | undefined {
  if (sent === undefined) return undefined;
  const isText = typeof sent === "string" && !sent.startsWith(jsonMark);
  if (isText && sent !== "" && sent.length <= longestId) return { id: sent, isUsable: true };
  const json = JSON.stringify(sent);
  return json.length <= longestOddId
    ? { id: jsonMark + json, isUsable: typeof sent === "number" }
    : undefined;
}

/** The id as the server sent it. */
export function idAsSent(id: string): unknown {
  return id.startsWith(jsonMark) ? JSON.parse(id.slice(jsonMark.length)) : id;
}

/** The same for a log or a screen. */
export function idText(id: string): string {
  const sent = idAsSent(id);
  return (typeof sent === "string" ? sent : JSON.stringify(sent)).slice(0, longestId);
}

function idIn(data: unknown): ReturnType<typeof readId> {
  return readId((Object(data) as { commandId?: unknown }).commandId);
}

function readCommand(data: unknown): Incoming {
  const found = idIn(data);
  if (!found) return { kind: "unusable" };
  const { id, isUsable } = found;
  if (!isUsable) return { kind: "malformed", id, field: "commandId" };
  const read = executeCommand.safeParse(data);
  if (!read.success) return { kind: "malformed", id, field: String(read.error.issues[0]?.path[0] ?? "data") };
  const { password, privateKey, username, timeout, command, host, port } = read.data;
  return {
    kind: "command",
    command: {
      id,
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

/** An event that nobody knows: whoever names a command in it waits for an answer. */
function withId(data: unknown): Incoming {
  const found = idIn(data);
  return found ? { kind: "malformed", id: found.id, field: "event" } : { kind: "unusable" };
}
