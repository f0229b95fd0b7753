/** Items that were made, by their ids. */
export interface KeptItems<Item> {
  /**
   * The item of before where it would be made of the same: nothing is to be said of it then.
   * @param parts everything that it is made of, compared by identity.
   */
  of(id: string, parts: readonly unknown[], make: () => Item): Item;
  /** Forgets those that nobody asked for since the last time. */
  endRound(): void;
}

export function keepItems<Item>(): KeptItems<Item> {
  interface Kept {
    readonly parts: readonly unknown[];
    readonly item: Item;
  }
  let before = new Map<string, Kept>();
  let now = new Map<string, Kept>();
  return {
    of: (id, parts, make) => {
      const present = before.get(id);
      const kept = present && isSame(present.parts, parts) ? present : { parts, item: make() };
      now.set(id, kept);
      return kept.item;
    },
    endRound: () => {
      before = now;
      now = new Map();
    },
  };
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((part, at) => part === others[at]);
}
