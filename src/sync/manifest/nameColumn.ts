import { Column, integers } from "./columns.js";
import { NamePool } from "./namePool.js";

/** Names by place, outside of the heap; none where none was set. */
export class NameColumn {
  readonly #at = new Column(integers);
  /** The length of none is 0. */
  readonly #lengths = new Column(integers);
  readonly #pool = new NamePool();

  get(place: number): string | undefined {
    const length = this.#lengths.get(place);
    return length === 0 ? undefined : this.#pool.text(this.#at.get(place), length);
  }

  set(place: number, name: string | undefined): void {
    const before = this.#lengths.get(place);
    if (before !== 0) this.#pool.remove(this.#at.get(place), before);
    else if (name === undefined) return;
    const { at, length } = name === undefined ? { at: 0, length: 0 } : this.#pool.add(name);
    this.#at.set(place, at);
    this.#lengths.set(place, length);
  }
}
