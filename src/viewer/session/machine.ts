/**
 * Which machine it is, as supervisor.py and identity.sh tell it: start of its kernel, namespace of process numbers, machine id
 * and host name, with a space between two; `-` for what it does not tell.
 */
export type Machine = string;

const machinePattern = /^[\w.:[\]-]{1,100}(?: [\w.:[\]-]{1,300}){3}$/;

/** What a host has said of itself, where that is what our scripts say. */
export function machineOf(text: string | undefined): Machine | undefined {
  return text !== undefined && machinePattern.test(text) ? text : undefined;
}

/** Of what a person can tell it by. */
export function nameOfMachine(machine: Machine): string {
  return fieldsOf(machine).name;
}

/**
 * Whether two machines differ, as far as both are known. A rebooted machine is the same. Cloned machines share a
 * machine id, so the host name counts too.
 */
export function isAnotherMachine(itsOwn: Machine | undefined, asked: Machine | undefined): itsOwn is Machine {
  if (itsOwn === undefined || asked === undefined) return false;
  const [a, b] = [fieldsOf(itsOwn), fieldsOf(asked)];
  const isSameStart = a.boot !== "-" && a.boot === b.boot && a.namespace === b.namespace;
  return !isSameStart && (a.id !== b.id || a.name !== b.name);
}

function fieldsOf(machine: Machine): Record<"boot" | "namespace" | "id" | "name", string> {
  const [boot = "-", namespace = "-", id = "-", name = "-"] = machine.split(" ");
  return { boot, namespace, id, name };
}
