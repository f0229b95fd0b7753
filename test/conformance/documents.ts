import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where the documents of the API's versions are: beside the checkout, or where the variable says. */
const folder = process.env["RUNICORN_API_DOCUMENTS"] ?? resolve("..", "shared", "reference");

/** The sentence with which tests are skipped where the documents are not here. */
export const withoutDocuments = existsSync(folder)
  ? undefined
  : `The API documents are not in ${folder}; set RUNICORN_API_DOCUMENTS to their folder.`;

export function readDocument(name: string): string {
  return withoutDocuments === undefined ? readFileSync(join(folder, name), "utf8") : "";
}

export interface Block {
  readonly language: string;
  readonly text: string;
}

export interface Section {
  /** e.g. `POST /api/remote/connect` */
  readonly title: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The fenced blocks of a document, in order. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", code = ""]) => ({
    language,
    text: code,
  }));
}

/** The sections that describe one endpoint each. */
export function endpointsOf(document: string): Section[] {
  return document
    .split(/^### /m)
    .filter((part) => /^(GET|POST|DELETE) \/api/.test(part))
    .map((part) => ({ title: part.split("\n")[0] ?? "", text: part, blocks: blocksOf(part) }));
}

/** The sample answer of an endpoint: the first JSON after the words that announce it. */
export function sampleAnswer({ text }: Section): unknown {
  const announced = text.search(/200 OK|\*\*Response\*\*/);
  if (announced < 0) return undefined;
  const block = blocksOf(text.slice(announced)).find(({ language }) => language === "json");
  return block === undefined ? undefined : JSON.parse(block.text);
}

/** The fields of a sample that an answer lacks, as paths. */
export function missingFields(sample: unknown, answer: unknown, path = ""): string[] {
  if (Array.isArray(sample)) {
    if (!Array.isArray(answer)) return [`${path}: a list`];
    return sample.length > 0 && answer.length > 0 ? missingFields(sample[0], answer[0], `${path}[0]`) : [];
  }
  if (typeof sample !== "object" || sample === null) return [];
  if (typeof answer !== "object" || answer === null) return [`${path}: an object`];
  return Object.entries(sample).flatMap(([key, value]) =>
    key in answer
      ? missingFields(value, (answer as Record<string, unknown>)[key], `${path}.${key}`)
      : [`${path}.${key}`],
  );
}
