import { randomBytes } from "node:crypto";
import { Column, integers } from "./columns.js";
import { NamePool } from "./namePool.js";

/** The number of the root, whose path is "". */
export const rootNumber = 0;

/** The length of no name. */
const unused = 0;

/** A random seed, so that a host cannot choose names with colliding hashes (hash flooding). */
const secrets = new Uint32Array(new Uint8Array(randomBytes(1024)).buffer);

/**
 * Gives each path a number, and each folder above it: of a path only its last name is kept, with the number of its folder.
 * A number is good until it is let go of.
 */
export class PathTree {
  readonly #parents = new Column(integers);
  /** How many have this one as their folder. */
  readonly #children = new Column(integers);
  readonly #hashes = new Column(integers);
  readonly #names = new Column(integers);
  readonly #lengths = new Column(integers);
  /** Of those whose hash leads to the same slot, the next one; 0: none. */
  readonly #next = new Column(integers);
  /** By the last bits of the hash, the first one; 0: none. */
  #slots = new Uint32Array(1024);
  readonly #pool = new NamePool();
  readonly #free: number[] = [];
  #end = 1;
  /** What was looked for last most likely lies beside what is looked for next. */
  #last = { folder: "", number: rootNumber };

  /** One more than the highest number there is. */
  get end(): number {
    return this.#end;
  }

  /** How many numbers are given out. */
  get count(): number {
    return this.#end - this.#free.length;
  }

  /** Bytes of all names. */
  get nameBytes(): number {
    return this.#pool.bytes;
  }

  find(path: string): number | undefined {
    return path === "" ? rootNumber : this.#walk(path, this.#find);
  }

  /** Finds it, or gives it a number. */
  add(path: string): number {
    return path === "" ? rootNumber : this.#walk(path, this.#findOrAdd);
  }

  pathOf(number: number): string {
    if (number === rootNumber) return "";
    const parent = this.#parents.get(number);
    const name = this.nameOf(number);
    if (parent === rootNumber) return name;
    if (parent !== this.#last.number) {
      const names: string[] = [];
      for (let one = parent; one !== rootNumber; one = this.#parents.get(one)) names.push(this.nameOf(one));
      this.#last = { folder: names.reverse().join("/"), number: parent };
    }
    return `${this.#last.folder}/${name}`;
  }

  /** The last part of the path. */
  nameOf(number: number): string {
    return this.#pool.text(this.#names.get(number), this.#lengths.get(number));
  }

  /** The folder that it is in; that of the root is the root. */
  parentOf(number: number): number {
    return this.#parents.get(number);
  }

  /** Whether the number is given out. The root's is. */
  has(number: number): boolean {
    return number === rootNumber || this.#isUsed(number);
  }

  /** How many folders lead to it. */
  depthOf(number: number): number {
    let depth = 0;
    for (let one = this.parentOf(number); one !== rootNumber; one = this.parentOf(one)) depth += 1;
    return depth;
  }

  /** Lets go of a number, and of the folders above, where nothing is below them and nobody needs them. */
  release(number: number, isNeeded: (number: number) => boolean): void {
    let one = number;
    while (one !== rootNumber && this.#isUsed(one) && this.#children.get(one) === 0 && !isNeeded(one)) {
      const parent = this.#parents.get(one);
      this.#unlink(one);
      this.#pool.remove(this.#names.get(one), this.#lengths.get(one));
      this.#lengths.set(one, unused);
      this.#children.set(parent, this.#children.get(parent) - 1);
      this.#free.push(one);
      if (this.#last.number === one) this.#last = { folder: "", number: rootNumber };
      one = parent;
    }
  }

  readonly #find = (parent: number, name: string): number | undefined =>
    this.#child(parent, name, hashOf(parent, name));

  readonly #findOrAdd = (parent: number, name: string): number => {
    const hash = hashOf(parent, name);
    return this.#child(parent, name, hash) ?? this.#insert(parent, name, hash);
  };

  #walk<T extends number | undefined>(
    path: string,
    step: (parent: number, name: string) => T,
  ): number | Extract<T, undefined> {
    const cut = path.lastIndexOf("/");
    const folder = path.slice(0, Math.max(0, cut));
    if (folder !== this.#last.folder) {
      let number = rootNumber;
      for (const name of folder === "" ? [] : folder.split("/")) {
        const next = step(number, name);
        if (next === undefined) return undefined as Extract<T, undefined>;
        number = next;
      }
      this.#last = { folder, number };
    }
    return step(this.#last.number, path.slice(cut + 1)) as number | Extract<T, undefined>;
  }

  #child(parent: number, name: string, hash: number): number | undefined {
    let one = this.#slots[hash & (this.#slots.length - 1)] ?? 0;
    for (; one !== 0; one = this.#next.get(one)) {
      const isLike = this.#hashes.get(one) === hash && this.#parents.get(one) === parent;
      if (isLike && this.#pool.is(this.#names.get(one), this.#lengths.get(one), name)) return one;
    }
    return undefined;
  }

  #insert(parent: number, name: string, hash: number): number {
    const number = this.#free.pop() ?? this.#end++;
    const { at, length } = this.#pool.add(name);
    this.#names.set(number, at);
    this.#lengths.set(number, length);
    this.#parents.set(number, parent);
    this.#children.set(number, 0);
    this.#children.set(parent, this.#children.get(parent) + 1);
    this.#hashes.set(number, hash);
    if (this.count > this.#slots.length) this.#spread();
    else this.#link(number);
    return number;
  }

  #link(number: number): void {
    const slot = this.#hashes.get(number) & (this.#slots.length - 1);
    this.#next.set(number, this.#slots[slot] ?? 0);
    this.#slots[slot] = number;
  }

  #unlink(number: number): void {
    const slot = this.#hashes.get(number) & (this.#slots.length - 1);
    const next = this.#next.get(number);
    let one = this.#slots[slot] ?? 0;
    if (one === number) this.#slots[slot] = next;
    else {
      while (this.#next.get(one) !== number) one = this.#next.get(one);
      this.#next.set(one, next);
    }
  }

  /** Into twice as many slots. No number is free then: those are given out first. */
  #spread(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let number = 1; number < this.#end; number += 1) this.#link(number);
  }

  #isUsed(number: number): boolean {
    return this.#lengths.get(number) !== unused;
  }
}

/** 32 bits that tell a name in a folder from most others, and different ones in each program. */
export function hashOf(parent: number, name: string): number {
  let hash = Math.imul(parent + 1, 0x9e3779b1) ^ (secrets[0] ?? 0);
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    hash = Math.imul(hash ^ (secrets[code & 255] ?? 0) ^ (code >> 8), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
