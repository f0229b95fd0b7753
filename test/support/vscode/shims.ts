/*
 * Stand-ins for native modules of the VS Code server that npm would have to compile. None of them carries what the
 * tests look at: log files, the end of an orphaned host, a telemetry id, password login.
 */

/** Appends log lines to the file that VS Code names. */
export const spdlog = `
const fs = require("fs"), path = require("path");
const names = ["trace", "debug", "info", "warning", "error", "critical"];
let defaultLevel = 2;
class Logger {
  constructor(_type, _name, file) { this.file = file; this.level = defaultLevel; fs.mkdirSync(path.dirname(file), { recursive: true }); }
  write(level, text) {
    if (level < this.level) return;
    const line = this.raw ? text : new Date().toISOString() + " [" + names[level] + "] " + text + "\\n";
    try { fs.appendFileSync(this.file, line); } catch {}
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  flush() {}
  drop() {}
}
["trace", "debug", "info", "warn", "error", "critical"].forEach((name, level) => {
  Logger.prototype[name] = function (text) { this.write(level, text); };
});
const create = async (name, file) => new Logger("rotating", name, file);
// One by one: names in an object literal are not found when this is imported as an ECMAScript module.
exports.version = 10000;
exports.Logger = Logger;
exports.setLevel = (level) => { defaultLevel = level; };
exports.setFlushOn = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`;

/** Ends the extension host when its parent is gone. */
export const watchdog = `
exports.start = (pid) => setInterval(() => {
  try { process.kill(pid, 0); } catch (error) { if (error.code !== "EPERM") process.exit(87); }
}, 1000).unref();
exports.exit = (code) => process.exit(code || 0);
`;

/** Loaded at start, used only with a password. */
export const argon2 = `
const missing = async () => { throw new Error("argon2 was not built"); };
module.exports = { hash: missing, verify: missing, needsRehash: () => false };
`;

export const deviceId = `exports.getDeviceId = async () => "00000000-0000-4000-8000-000000000000";\n`;

/** Finds nothing: the tests do not search. */
export const ripgrep = "#!/bin/sh\nexit 1\n";
