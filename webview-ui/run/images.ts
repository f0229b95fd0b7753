import type { RunPageTexts } from "../../src/vscode/runPage/runPageTexts.js";
import type { ImageSeries } from "../../src/vscode/runPage/toRunPage.js";
import { element } from "../element.js";
import { button } from "./button.js";
import { fill } from "../fill.js";

/** The selected image, saved with the page's state. */
export interface KeptImage {
  readonly name: string;
  readonly step: number;
}

/** The tab with a run's images by step. */
export interface Images {
  readonly panel: HTMLElement;
  show(series: readonly ImageSeries[], note: string): void;
  showPicture(path: string, source: string, problem: string): void;
  showProgress(path: string, percent: number): void;
}

export interface ImagesPort {
  readonly texts: RunPageTexts;
  readonly kept: KeptImage | undefined;
  readonly keep: (image: KeptImage) => void;
  readonly want: (path: string) => void;
}

// eslint-disable-next-line max-lines-per-function -- the parts of one viewer of images, which share what is shown
export function createImages({ texts, kept, keep, want }: ImagesPort): Images {
  const panel = element("div", "images");
  const note = element("p", "detail", texts.readingImages);
  const choice = element("select");
  const slider = element("input");
  const place = element("p", "place");
  const caption = element("p", "caption");
  const picture = element("img");
  const state = element("p", "detail");
  const retry = button(texts.tryAgain, () => ask());
  const body = element("div", "viewer");
  note.setAttribute("role", "status");
  state.setAttribute("role", "status");
  place.setAttribute("aria-live", "polite");
  slider.type = "range";
  slider.min = "0";
  slider.step = "1";
  slider.setAttribute("aria-label", texts.imageStep);
  const chosen = element("label", "", texts.imageName);
  chosen.append(choice);
  const row = element("div", "slider");
  row.append(
    button(texts.previousImage, () => move(-1)),
    slider,
    button(texts.nextImage, () => move(1)),
  );
  body.append(chosen, row, place, state, retry, picture, caption);
  body.hidden = true;
  retry.hidden = true;
  panel.append(note, body);

  let all: readonly ImageSeries[] = [];
  let asked = "";
  const series = (): ImageSeries | undefined => all[Number(choice.value)];
  const image = () => series()?.images[Number(slider.value)];

  const ask = (): void => {
    const now = image();
    if (!now) return;
    const { name = "", images = [] } = series() ?? {};
    keep({ name, step: now.step });
    place.textContent = fill(texts.imageAt, now.step, Number(slider.value) + 1, images.length);
    slider.setAttribute("aria-valuetext", place.textContent);
    caption.textContent = now.caption;
    const words = fill(texts.imageOf, name, now.step);
    picture.alt = now.caption === "" ? words : fill(texts.sentences, words, now.caption);
    if (asked === now.path && picture.src !== "") return;
    asked = now.path;
    retry.hidden = true;
    state.textContent = texts.loadingImage;
    want(now.path);
  };
  const move = (by: number): void => {
    slider.value = String(Number(slider.value) + by);
    ask();
  };
  /** @param step selects the image at or near this step; undefined: the last one. */
  const stand = (step: number | undefined): void => {
    const images = series()?.images ?? [];
    slider.max = String(Math.max(0, images.length - 1));
    const found = images.findLastIndex((one) => step === undefined || one.step <= step);
    slider.value = String(Math.max(0, found));
    ask();
  };
  choice.addEventListener("change", () => stand(undefined));
  slider.addEventListener("input", ask);

  return {
    panel,
    show: (told, said) => {
      const before = all.length === 0 ? kept : { name: series()?.name ?? "", step: image()?.step ?? 0 };
      const wasAtLast = all.length > 0 && Number(slider.value) === Number(slider.max);
      all = told;
      note.textContent = said !== "" ? said : told.length === 0 ? texts.noImages : "";
      note.hidden = note.textContent === "";
      body.hidden = told.length === 0;
      choice.replaceChildren(
        ...told.map(({ name }, index) => {
          const option = element("option", "", name);
          option.value = String(index);
          return option;
        }),
      );
      const at = told.findIndex(({ name }) => name === before?.name);
      choice.value = String(Math.max(0, at));
      if (told.length > 0) stand(at < 0 || wasAtLast ? undefined : before?.step);
    },
    showPicture: (path, source, problem) => {
      if (path !== asked) return;
      state.textContent = problem;
      retry.hidden = problem === "";
      picture.hidden = source === "";
      if (source !== "") picture.src = source;
      else picture.removeAttribute("src");
    },
    showProgress: (path, percent) => {
      if (path === asked) state.textContent = fill(texts.loadedPercent, percent);
    },
  };
}
