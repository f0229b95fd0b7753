/** Parses tags separated by commas, without duplicates. */
export function tagsIn(text: string): readonly string[] {
  return [...new Set(text.split(",").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()])))];
}

/**
 * Applies an edit to the tags of a run. Keeps concurrent changes, and tags that were not shown because there are too
 * many.
 * @param shown the text before the edit; `written`: the text after it.
 * @param now the current tags on the host; a tag that contains commas is shown as several.
 */
export function changedTags(shown: string, written: string, now: readonly string[]): readonly string[] {
  const [before, after] = [new Set(tagsIn(shown)), new Set(tagsIn(written))];
  const isTakenAway = (tag: string): boolean => {
    const parts = tagsIn(tag);
    return parts.length > 0 && parts.every((part) => before.has(part) && !after.has(part));
  };
  const added = [...after].filter((tag) => !before.has(tag));
  return [...new Set([...now.filter((tag) => !isTakenAway(tag)), ...added])];
}
