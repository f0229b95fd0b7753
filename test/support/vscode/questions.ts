import type { Window } from "./window.js";

const watch = `
  globalThis.questionsAsked = [];
  globalThis.questionsWatch?.disconnect();
  globalThis.questionsWatch = new MutationObserver(() => {
    const widget = document.querySelector(".quick-input-widget");
    if (!widget || widget.style.display === "none") return;
    // A box without a title has a blank in its place.
    const title = widget.querySelector(".quick-input-title")?.textContent.trim() ?? "";
    if (title !== "" && globalThis.questionsAsked.at(-1) !== title) globalThis.questionsAsked.push(title);
  });
  const options = { subtree: true, childList: true, attributes: true, characterData: true };
  globalThis.questionsWatch.observe(document.body, options);
`;

/** Notes every titled quick pick and input box from now on. @returns what tells their titles, in order. */
export async function watchQuestions({ page }: Window): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(watch);
  return () => page.evaluate("globalThis.questionsAsked");
}
