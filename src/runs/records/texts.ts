/** Texts, each kept once and named by a number. */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #most: number;
  #left: number;
  #isFull = false;

  /** @param most how many fit. @param characters that all of them may have. */
  constructor(most: number, characters: number) {
    this.#most = most;
    this.#left = characters;
  }

  /** Whether there was no room for one. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get size(): number {
    return this.#texts.length;
  }

  /** What a text counts beside its characters. */
  static readonly #overhead = 16;

  /** @returns undefined where there is no room for it. */
  idOf(text: string): number | undefined {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= this.#most || text.length + Texts.#overhead > this.#left) {
      this.#isFull = true;
      return undefined;
    }
    this.#left -= text.length + Texts.#overhead;
    const id = this.#texts.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  /** @param id one that was given out. */
  textAt(id: number): string {
    return this.#texts[id] ?? "";
  }
}
