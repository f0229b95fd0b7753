import { writeFile } from "node:fs/promises";
import { apiDocs } from "./apiDocs.js";

await writeFile("docs/api.md", await apiDocs());
