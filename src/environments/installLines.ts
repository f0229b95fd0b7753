/** The first and the last line of a script's output (see ssh/channel/script.ts) are ours, not pip's. */
const ourLine = /^(<<[0-9a-f]{24}|[0-9a-f]{24}>>)$/;

/** Puts pieces of pip's output together to lines. Each call returns those that are complete, without empty ones and ours. */
export function createInstallLines(): (piece: string) => readonly string[] {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "" && !ourLine.test(line));
  };
}
