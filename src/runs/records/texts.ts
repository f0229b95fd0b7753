/** Interned strings, identified by numbers. */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #most: number;
  #left: number;
  #isFull = false;

  /** @param most maximum number of texts. @param characters maximum characters of all of them. */
  constructor(most: number, characters: number) {
    this.#most = most;
    this.#left = characters;
  }

  /** Whether a text did not fit. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get size(): number {
    return this.#texts.length;
  }

  /** Overhead of each text, in characters. */
  static readonly #overhead = 16;

  /** @returns undefined if it does not fit. */
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

  /** @param id from `idOf`. */
  textAt(id: number): string {
    return this.#texts[id] ?? "";
  }
}
