import { Failure } from "../../common/failure.js";
import type { SlurmFailure } from "../model/failures.js";
import type { JobRequest } from "../model/jobRequest.js";

const longestText = 2_000;
const mostWords = 100;

/** Long options that we set ourselves, or that would change what the job does. */
const notAllowed = [
  ...["job-name", "comment", "output", "error", "input", "open-mode", "time", "nodes", "ntasks", "signal"],
  ...["requeue", "no-requeue", "array", "wait", "wrap", "parsable", "test-only", "clusters", "uid", "gid"],
  ...["help", "usage", "version", "batch", "hold"],
];
/** Their short forms. */
const shortNotAllowed = new Set([..."JoeitNnaWMhVH"]);
/** Short options without a value: nothing may follow them in the same word. */
const flags = new Set([..."IOskQv"]);

/**
 * The options for sbatch: those of the request, then ours, which take precedence.
 * @throws Failure `job-request-invalid`, `job-option-not-allowed`.
 */
export function sbatchOptions(request: JobRequest, key: string): string[] {
  const { partition, minutes, account, qos, cpus, memory, gpus, options = "" } = request;
  return [
    ...checkedOptions(options),
    ...named("partition", partition),
    ...named("account", account),
    ...named("qos", qos),
    ...(gpus === undefined ? [] : [`--gres=gpu:${checked("gpus", gpus, /^[\w.:-]{1,100}$/)}`]),
    ...(cpus === undefined ? [] : [`--cpus-per-task=${whole("cpus", cpus, 4096)}`]),
    ...(memory === undefined ? [] : [`--mem=${whole("memory", memory, 2 ** 30)}M`]),
    `--time=${whole("minutes", minutes, 525_600)}`,
    ...["--parsable", "--no-requeue", "--nodes=1", "--ntasks=1", "--job-name=runicorn-remote"],
    ...[`--comment=runicorn-remote:${key}`, "--output=/dev/null", "--error=/dev/null"],
  ];
}

function named(field: "partition" | "account" | "qos", value: string | undefined): string[] {
  return value === undefined || value === ""
    ? []
    : [`--${field}=${checked(field, value, /^[\w.,+@%:-]{1,200}$/)}`];
}

function checked(field: string, text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw invalid(field, text);
  return text;
}

function whole(field: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most) throw invalid(field, String(value));
  return value;
}

function invalid(field: string, text: string): Failure<SlurmFailure> {
  return new Failure<SlurmFailure>({ code: "job-request-invalid", field, text: text.slice(0, 200) });
}

/** Joins each option with its value, so that no word is left that sbatch could take for the name of a script. */
function checkedOptions(text: string): string[] {
  const options: string[] = [];
  for (const word of splitWords(text)) {
    if (word.startsWith("-")) {
      if (!/^-(?:-[a-z][a-z0-9-]*(?:=|$)|[A-Za-z])/.test(word)) throw invalid("options", word);
      options.push(word);
      continue;
    }
    const before = options.pop();
    if (before === undefined || before.includes("=") || (before.length > 2 && !before.startsWith("--")))
      throw invalid("options", word);
    options.push(before.startsWith("--") ? `${before}=${word}` : `${before}${word}`);
  }
  options.forEach(requireAllowed);
  return options;
}

/** Checks prefixes as well: getopt accepts any unambiguous abbreviation of a long option. */
function requireAllowed(option: string): void {
  const long = /^--([a-z0-9-]+)/.exec(option)?.[1];
  const isOurs =
    long === undefined
      ? shortNotAllowed.has(option.charAt(1)) || (flags.has(option.charAt(1)) && option.length > 2)
      : notAllowed.some((name) => name.startsWith(long));
  if (isOurs)
    throw new Failure<SlurmFailure>({ code: "job-option-not-allowed", option: option.slice(0, 200) });
}

/**
 * Splits a text into words at unquoted blanks, with a shell's quotes and backslashes but without its expansions.
 * @throws Failure `job-request-invalid` for an unterminated quote, a control character, or a text that is too long.
 */
export function splitWords(text: string): string[] {
  if (text.length > longestText || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text))
    throw invalid("options", text);
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\\" && quote !== "'") {
      index += 1;
      if (index >= text.length) throw invalid("options", text);
      word = (word ?? "") + text.charAt(index);
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === " " || character === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") throw invalid("options", text);
  if (word !== undefined) words.push(word);
  if (words.length > mostWords) throw invalid("options", text);
  return words;
}
