import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import { createRunImages, type RunImages } from "../../runs/images/runImages.js";
import { pictureType } from "../../runs/images/pictureType.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { ImageSeries } from "./toRunPage.js";

/** Maximum bytes of a picture sent to a page. */
const largestPicture = 16 * 1024 * 1024;
/** Maximum number of images listed on a page. */
const mostListed = 5_000;

/** The images of one run, for its page. */
export interface RunPictures {
  /** Looks for new images. @returns undefined if there are none. @throws Failure like `syncs.fetch`. */
  look(
    signal: AbortSignal,
  ): Promise<{ readonly series: readonly ImageSeries[]; readonly note: string } | undefined>;
  /**
   * A picture as a `data:` URL, or why it cannot be shown.
   * @param path of a listed image: no other file is read.
   * @throws Failure like `syncs.fetch`.
   */
  read(
    path: string,
    signal: AbortSignal,
    onProgress: (percent: number) => void,
  ): Promise<{ readonly source: string; readonly problem: string }>;
}

export function createRunPictures({ syncs }: Pick<App, "syncs">, run: Run): RunPictures {
  let images: RunImages | undefined;
  let [folder, isListed] = ["", false];
  const known = new Set<string>();

  return {
    look: async (signal) => {
      const now = await syncs.folderOfRun(run);
      const { place } = await syncs.fetch(run.syncId, posix.join(now, "events.jsonl"), { signal });
      if (now !== folder) [images, isListed] = [undefined, false];
      folder = now;
      images ??= createRunImages(place);
      const changed = await images.update(signal);
      if (!changed && isListed) return undefined;
      isListed = true;
      return listImages(images, known);
    },
    read: async (path, signal, onProgress) => {
      if (!known.has(path)) return { source: "", problem: l10n.t("The run did not log this image.") };
      const remote = posix.join(folder, path);
      const entry = (await syncs.entries(run.syncId)).get(remote);
      const size = entry?.seen?.size ?? entry?.held?.size ?? 0;
      if (size > largestPicture) return { source: "", problem: tooLargeText(size) };
      const { place } = await syncs.fetch(run.syncId, remote, {
        signal,
        onProgress: (done, total) => onProgress(total > 0 ? Math.floor((done / total) * 100) : 0),
      });
      return readPicture(place);
    },
  };
}

/** Lists images up to the maximum: the newest of each series. */
function listImages(
  { series, leftOut }: RunImages,
  known: Set<string>,
): { readonly series: readonly ImageSeries[]; readonly note: string } {
  known.clear();
  const listed = [...series].slice(0, mostListed);
  const shares = sharesOf(listed.map(([, all]) => all.length));
  const all = [...series.values()].reduce((sum, images) => sum + images.length, 0);
  const more = leftOut + all - shares.reduce((sum, share) => sum + share, 0);
  const shown = listed.map(([name, images], at) => ({
    name: displayText(name),
    images: images.slice(-(shares[at] ?? 0)).map(({ step, caption, path }) => {
      known.add(path);
      return { step, caption: displayText(caption), path };
    }),
  }));
  return { series: shown, note: more > 0 ? l10n.t("Images that are not shown: {0}", more) : "" };
}

/**
 * How many images of each series are listed: what small ones leave, large ones share.
 * @param lengths of at most {@link mostListed} series, none empty.
 */
function sharesOf(lengths: readonly number[]): readonly number[] {
  const shares = [...lengths];
  let left = mostListed;
  const smallFirst = [...lengths.entries()].sort(([, one], [, other]) => one - other);
  smallFirst.forEach(([series, length], at) => {
    const share = Math.min(length, Math.floor(left / (lengths.length - at)));
    shares[series] = share;
    left -= share;
  });
  return shares;
}

async function readPicture(local: LocalPath): Promise<{ readonly source: string; readonly problem: string }> {
  const noPicture = { source: "", problem: l10n.t("This file is no picture that can be shown here.") };
  const opened = await openRegular(local);
  if (!opened) return noPicture;
  try {
    const { size } = await opened.stat();
    if (size > largestPicture) return { source: "", problem: tooLargeText(size) };
    const bytes = await opened.readFile();
    const type = pictureType(bytes);
    return type === undefined
      ? noPicture
      : { source: `data:${type};base64,${bytes.toString("base64")}`, problem: "" };
  } finally {
    await opened.close();
  }
}

function tooLargeText(size: number): string {
  return l10n.t("The image has {0}, which is more than is shown here.", sizeText(size));
}
