/** Tags as somebody writes them: with commas between, none twice. */
export function tagsIn(text: string): readonly string[] {
  return [...new Set(text.split(",").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()])))];
}

/**
 * The tags of a run after somebody changed some of them. What others changed meanwhile stays, and so does what was not shown:
 * of very many tags only the first ones are.
 * @param shown the text that was shown, and what was made of it.
 * @param now the tags that the run has on its host; one with a comma in it is shown as several.
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
