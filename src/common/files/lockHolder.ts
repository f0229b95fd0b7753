import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { isProcessAlive } from "./localProcess.js";

/** Who holds a lock: what another process needs to know whether it lives. All but `pid` may be empty: not known. */
export interface LockHolder {
  readonly pid: number;
  /** When the process began, as the kernel counts it. Tells it from a later one with the same number. */
  readonly started: string;
  readonly host: string;
  /** Which machine has that host name: several may. */
  readonly machine: string;
  /** Which start of the machine. */
  readonly boot: string;
  /** In which of the machine's namespaces `pid` is a number: each container has its own. */
  readonly pids: string;
}

/**
 * `alive` and `dead` are certain. `number-in-use`: a process has its number, maybe another one (systems other than Linux
 * do not say cheaply when a process began). `unknown`: it runs on another machine, or where we cannot see.
 */
export type HolderState = "alive" | "dead" | "number-in-use" | "unknown";

let self: Promise<LockHolder> | undefined;

/** This process, as it stands in its locks. */
export function thisProcess(): Promise<LockHolder> {
  return (self ??= describeProcess(process.pid));
}

/** A process of this machine, and of the container that we run in. */
export async function describeProcess(pid: number): Promise<LockHolder> {
  const { platform } = process;
  const isLinux = platform === "linux";
  const [boot, machine, pids, status] = await Promise.all([
    bootId(),
    isLinux ? textOf("/etc/machine-id") : platform,
    isLinux ? readlink("/proc/self/ns/pid").catch(() => "") : "",
    statusOf(pid),
  ]);
  return { pid, host: hostname(), machine, boot, pids, started: status?.started ?? "" };
}

/** Whether the holder lives, as far as `here` (this process) can tell. */
export async function stateOf(holder: LockHolder, here: LockHolder): Promise<HolderState> {
  const place = placeOf(holder, here);
  if (place !== "here") return place;
  if (!isProcessAlive(holder.pid)) return "dead";
  const status = await statusOf(holder.pid);
  if (status?.isZombie) return "dead";
  if (!status || holder.started === "") return "number-in-use";
  return status.started === holder.started ? "alive" : "dead";
}

/** Whether the holder's process number means something here. */
function placeOf(holder: LockHolder, here: LockHolder): "here" | "dead" | "unknown" {
  const isSameMachine = holder.host === here.host && holder.machine === here.machine && here.machine !== "";
  if (holder.boot === "" || here.boot === "") return isSameMachine ? "here" : "unknown";
  if (holder.boot !== here.boot) return isSameMachine ? "dead" : "unknown";
  return holder.pids === here.pids ? "here" : "unknown";
}

/** Undefined where there is no such process, or no such file system. */
async function statusOf(pid: number): Promise<{ started: string; isZombie: boolean } | undefined> {
  const text = await textOf(`/proc/${pid}/stat`);
  // proc_pid_stat(5): the name, which may hold anything, is the second of the fields; state is the 3rd, start the 22nd.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields[0], fields[19]];
  return started === undefined ? undefined : { started, isZombie: state === "Z" || state === "X" };
}

async function bootId(): Promise<string> {
  if (process.platform === "linux") return textOf("/proc/sys/kernel/random/boot_id");
  if (process.platform !== "darwin") return "";
  try {
    const sysctl = await promisify(execFile)("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], {
      timeout: 2_000,
    });
    return sysctl.stdout.trim();
  } catch {
    return "";
  }
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, "utf8").catch(() => "")).trim();
}
