import { displayText } from "../common/text/displayText.js";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** A line of a viewer's log, fit for a screen. */
export interface LogLine {
  readonly level: LogLevel;
  /** Without its level, where it named one. */
  readonly text: string;
}

/** Characters of a line that are shown. */
const longestLine = 4_000;

const levels: Readonly<Record<string, LogLevel>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** Runicorn's own lines: `2026-01-31 12:00:00 - runicorn.viewer - INFO - text`. */
const ofRunicorn =
  /^(?<head>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d{3})? - [\w.]{1,200} - )(?<level>[A-Z]+) - (?<text>.*)$/s;
/** Those of its web server: `INFO:     text`. */
const ofWebServer = /^(?<level>[A-Z]+):\s+(?<text>.*)$/s;
/** What Python says of a warning, as `/path/file.py:12: UserWarning: text`. */
const pythonWarning = /:\d+: \w*Warning: /;

/**
 * Reads a viewer's log as it comes, in pieces of any length. A line that names no level belongs to the one before it, as
 * those of a traceback do.
 */
export function createLogLines(): (piece: string) => LogLine[] {
  let unfinished = "";
  let level: LogLevel = "info";

  const read = (line: string): LogLine => {
    const found = (ofRunicorn.exec(line) ?? ofWebServer.exec(line))?.groups;
    const named = levels[found?.["level"] ?? ""];
    if (named) level = named;
    else if (pythonWarning.test(line)) level = "warn";
    else if (line.startsWith("Traceback ")) level = "error";
    const text = named ? `${found?.["head"] ?? ""}${found?.["text"]}` : line;
    return { level, text: displayText(text.replaceAll("\t", "    ")).slice(0, longestLine) };
  };

  return (piece) => {
    const lines = (unfinished + piece).split(/\r?\n/);
    unfinished = lines.pop()?.slice(0, longestLine) ?? "";
    return lines.map((line) => read(line.slice(0, longestLine)));
  };
}
