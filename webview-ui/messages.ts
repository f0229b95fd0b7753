/**
 * Hears what VS Code sends to this page. A page in a frame can send messages here too, and so can whatever that page
 * opens: theirs come from another origin, VS Code's from our own.
 * @param read returns undefined for what is none of its messages.
 */
export function onMessage<M>(read: (message: unknown) => M | undefined, handle: (message: M) => void): void {
  window.addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    const frames = [...document.querySelectorAll("iframe")];
    if (origin !== window.origin || frames.some(({ contentWindow }) => contentWindow === source)) return;
    const message = read(data);
    if (message !== undefined) handle(message);
  });
}
