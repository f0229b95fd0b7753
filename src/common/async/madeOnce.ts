/** Makes something on first use and keeps it. A failure is not kept: the next call tries again. */
export function madeOnce<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made) return made;
    const mine = make();
    made = mine;
    mine.catch(() => {
      if (made === mine) made = undefined;
    });
    return mine;
  };
}
