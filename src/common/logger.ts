import { displayLines } from "./text/displayText.js";

/** The part of VS Code's LogOutputChannel that the core needs. Messages are for people who look for a fault: English. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Characters of a message that are logged. */
const longestMessage = 64 * 1024;

/**
 * Hands on what is fit to be read: messages hold the words of hosts, which may neither steer a terminal nor, with a line
 * break, pass for a message of ours.
 */
export function readableLogger(logger: Logger): Logger {
  return {
    debug: (message) => logger.debug(readable(message)),
    info: (message) => logger.info(readable(message)),
    warn: (message) => logger.warn(readable(message)),
    error: (message) => logger.error(readable(message)),
  };
}

function readable(message: string): string {
  return displayLines(message.slice(0, longestMessage));
}
