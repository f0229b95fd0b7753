/*
 * Parses the head of a response as strictly as RFC 9112 lets a recipient: anything ambiguous is malformed. Two parsers
 * that disagree on where a response ends take the rest for the next one (response splitting).
 */

/** How the end of a body is found (RFC 9112, section 6.3). A number: bytes. */
export type BodyLength = number | "none" | "chunked" | "until-end";

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turn, as Node has them: one character for each byte. */
  readonly rawHeaders: readonly string[];
  readonly body: BodyLength;
  /** Whether another request may follow on the same stream, as far as the head says. */
  readonly keepsStream: boolean;
}

const mostHeaders = 1_000;
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const text = /^[\t\x20-\x7e\x80-\xff]*$/;
/** As many digits as fit below Number.MAX_SAFE_INTEGER. */
const length = /^\d{1,15}$/;

/**
 * @param bytes what stands before the empty line.
 * @param method of the request that it answers.
 * @returns undefined where it is malformed.
 */
export function parseAnswerHead(bytes: Buffer, method: string): AnswerHead | undefined {
  const [first = "", ...lines] = bytes.toString("latin1").split("\r\n");
  const [, minor, code, reason = ""] = statusLine.exec(first) ?? [];
  if (code === undefined || lines.length > mostHeaders) return undefined;
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!token.test(name) || !text.test(line)) return undefined;
    rawHeaders.push(name, withoutBlanks(line, colon + 1));
  }
  const status = Number(code);
  const body = bodyLength(rawHeaders, method, status, minor === "0");
  if (body === undefined) return undefined;
  const closes = /(^|[,\s])close([,\s]|$)/i.test(valuesOf(rawHeaders, "connection").join());
  const keepsStream = minor === "1" && !closes && body !== "until-end";
  return { status, reason, rawHeaders, body, keepsStream };
}

function bodyLength(
  rawHeaders: readonly string[],
  method: string,
  status: number,
  isOld: boolean,
): BodyLength | undefined {
  const lengths = valuesOf(rawHeaders, "content-length");
  const codings = valuesOf(rawHeaders, "transfer-encoding");
  if (lengths.length + codings.length > 1) return undefined;
  const [said] = lengths;
  const [coding] = codings;
  if (said !== undefined && !length.test(said)) return undefined;
  if (coding !== undefined && (isOld || coding.toLowerCase() !== "chunked")) return undefined;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
  if (coding !== undefined) return "chunked";
  return said === undefined ? "until-end" : Number(said);
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** Only spaces and tabs: `trim` would also strip bytes that Latin-1 reads as white space. */
function withoutBlanks(line: string, from: number): string {
  const isBlank = (at: number): boolean => line[at] === " " || line[at] === "\t";
  let start = from;
  let end = line.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return line.slice(start, end);
}
