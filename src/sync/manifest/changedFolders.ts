/** Number of changes remembered: beyond it, a caller has to look at everything. */
const most = 20_000;

/** In which folders something changed lately. */
export class ChangedFolders {
  #folders: number[] = [];
  /** Changes before the first that is remembered. */
  #forgotten = 0;

  /** How many changes there were. */
  get count(): number {
    return this.#forgotten + this.#folders.length;
  }

  note(folder: number): void {
    if (this.#folders.length >= most) this.forget();
    this.#folders.push(folder);
  }

  /** Whoever asks next looks at everything. */
  forget(): void {
    this.#forgotten += this.#folders.length + 1;
    this.#folders = [];
  }

  /** @param count what `count` was. @returns undefined where that is too long ago. */
  since(count: number): ReadonlySet<number> | undefined {
    if (count < this.#forgotten) return undefined;
    return new Set(this.#folders.slice(count - this.#forgotten));
  }
}
