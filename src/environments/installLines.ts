/** The first and the last line of a script's output are markers (see ssh/channel/script.ts), not pip's. */
const ourLine = /^(<<[0-9a-f]{24}|[0-9a-f]{24}>>)$/;

/** Splits chunks of pip's output into lines. Each call returns the complete ones, without empty lines and our markers. */
export function createInstallLines(): (piece: string) => readonly string[] {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "" && !ourLine.test(line));
  };
}
