/**
 * Listens for messages from VS Code. Ignores those of framed pages and windows that they open, which have another origin;
 * VS Code's messages have our own.
 * @param read returns undefined for an invalid message.
 */
export function onMessage<M>(read: (message: unknown) => M | undefined, handle: (message: M) => void): void {
  window.addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    const frames = [...document.querySelectorAll("iframe")];
    if (origin !== window.origin || frames.some(({ contentWindow }) => contentWindow === source)) return;
    const message = read(data);
    if (message !== undefined) handle(message);
  });
}
