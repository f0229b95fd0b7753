/** A cache of items, by id. */
export interface KeptItems<Item> {
  /**
   * The same item as before if its parts are the same, so that it need not be refreshed.
   * @param parts everything that the item depends on, compared by identity.
   */
  of(id: string, parts: readonly unknown[], make: () => Item): Item;
  /** Forgets items that were not requested since the last call. */
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
