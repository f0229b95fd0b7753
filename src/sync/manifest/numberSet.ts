/** A set of small whole numbers, a bit for each. */
export class NumberSet implements Iterable<number> {
  #bits = new Uint8Array(256);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  add(number: number): void {
    if (this.has(number)) return;
    const at = number >> 3;
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(at + 1, 2 * this.#bits.length));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (number & 7));
    this.#size += 1;
  }

  /** From the lowest on. */
  *[Symbol.iterator](): Iterator<number> {
    for (let at = 0; at < this.#bits.length; at += 1) {
      if (this.#bits[at] === 0) continue;
      for (let bit = 0; bit < 8; bit += 1) if (this.has(8 * at + bit)) yield 8 * at + bit;
    }
  }
}
