import { format, resolveConfig } from "prettier";
import { createDialects } from "../../src/api/dialects.js";
import { openApiDocument } from "../../src/api/http/openapi.js";
import { markdownOf } from "./apiMarkdown.js";

/** `docs/api.md` as the code has it now. */
export async function apiDocs(): Promise<string> {
  const options = await resolveConfig("docs/api.md");
  const documents = createDialects().map((dialect) => openApiDocument([dialect], ""));
  return format(markdownOf(documents), { ...options, parser: "markdown" });
}
