// Writes which packages of others are inside the built files, with their licences: MIT and BSD want the text to go along.
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const packageFolder = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/;
const licenceFile = /^(licen[cs]e|notices?|copying)([.-].*)?$/i;
/** Packages whose ready-made bundle is taken: what they depend on is inside it, where esbuild does not see it. */
const readyMade = ["@vscode/webview-ui-toolkit"];
/** What such a package needs only where it is used with React. */
const leftOut = ["@microsoft/fast-react-wrapper"];

/** The folders of the packages of which at least one byte is in a built file, by their names. */
export function bundledPackages(metafiles) {
  const folders = new Map();
  const add = (name, folder) => {
    if (folders.has(name) || leftOut.includes(name)) return;
    folders.set(name, folder);
    if (!readyMade.some((one) => one === name || dependsOn.get(name)?.has(one))) return;
    for (const dependency of Object.keys(manifestIn(folder).dependencies ?? {})) {
      dependsOn.set(dependency, new Set([...(dependsOn.get(name) ?? []), name]));
      add(dependency, `node_modules/${dependency}`);
    }
  };
  const dependsOn = new Map();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const [folder, name] = packageFolder.exec(path) ?? [];
        if (name !== undefined && bytesInOutput > 0) add(name, folder);
      }
    }
  }
  return folders;
}

/** The text that a licence has everywhere, for packages that name it and have no file with it. */
const usualTexts = {
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
};

/** The licence of a package, as its own files have it. @throws Error where nothing tells it. */
function licenceOf(name, folder) {
  const texts = readdirSync(folder)
    .filter((entry) => licenceFile.test(entry))
    .map((entry) => readFileSync(join(folder, entry), "utf8").trim());
  if (texts.length > 0) return texts;
  const { license, author } = manifestIn(folder);
  const text = usualTexts[license];
  const holder = typeof author === "string" ? author : author?.name;
  if (text === undefined || holder === undefined) throw new Error(`${name} says nothing of its licence`);
  return [`Copyright (c) ${holder}`, text];
}

/** @throws Error for a package that says nothing of its licence. */
export async function writeNotices(metafiles, file) {
  const folders = [...bundledPackages(metafiles)].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = folders.map(([name, folder]) => {
    const { version, license } = manifestIn(folder);
    return [`${name} ${version} (${license ?? "see below"})`, ...licenceOf(name, folder)].join("\n\n");
  });
  const line = `\n\n${"-".repeat(80)}\n\n`;
  const head = "Runicorn Remote has these packages of others inside, each under its own licence.";
  await writeFile(file, `${[head, ...parts].join(line)}\n`);
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
