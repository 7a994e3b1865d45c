import { latin1, viewOf } from "../sniff";

/** A class or function by name; nothing is ever imported or called. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
}

/** Whatever a pickle builds that is none of the plain values below. */
export const OPAQUE = Symbol("opaque");

export type PickleValue = string | number | Global | typeof OPAQUE | PickleValue[];

export interface Pickle {
  readonly value: PickleValue;
  /** Every persistent id, in order: tuples that name a tensor's storage. */
  readonly persistentIds: readonly PickleValue[];
  /** Offset behind the STOP opcode. */
  readonly end: number;
}

const MARK = Symbol("mark");

/** One pickle has at most this many opcodes: checkpoints have some ten per tensor. */
const MAX_OPCODES = 4_000_000;

/**
 * Reads one pickle (Python's `pickletools`, protocols 0 to 5) for its strings, numbers, tuples and lists alone.
 * @throws Error when the bytes end early or hold no pickle
 */
export function readPickle(bytes: Uint8Array, start = 0): Pickle {
  return new PickleReader(bytes, start).run();
}

class PickleReader {
  readonly #view: DataView;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #persistentIds: PickleValue[] = [];
  #at: number;

  constructor(
    readonly bytes: Uint8Array,
    start: number,
  ) {
    this.#view = viewOf(bytes);
    this.#at = start;
  }

  run(): Pickle {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const opcode = String.fromCharCode(this.#byte());
      if (opcode === ".") return { value: this.#pop(), persistentIds: this.#persistentIds, end: this.#at };
      if (!this.#push(this.#literal(opcode)) && !this.#collect(opcode) && !this.#memoise(opcode)) {
        this.#build(opcode);
      }
    }
    throw new Error("the pickle has too many opcodes");
  }

  /** Opcodes that only push a value, or `undefined` for the others. */
  #literal(opcode: string): PickleValue | undefined {
    switch (opcode) {
      case "X":
      case "T":
      case "B":
        return this.#text(this.#uint32());
      case "\x8c":
      case "U":
      case "C":
        return this.#text(this.#byte());
      case "\x8d":
      case "\x8e":
      case "\x96":
        return this.#text(this.#uint64());
      case "S":
      case "V":
        return this.#line().replace(/^(['"])(.*)\1$/, "$2");
      case "I":
      case "L":
      case "F":
        return this.#number(this.#line());
      case "J":
        return this.#uint32() | 0;
      case "K":
        return this.#byte();
      case "M":
        return this.#byte() | (this.#byte() << 8);
      case "\x8a":
        return this.#long(this.#byte());
      case "\x8b":
        return this.#long(this.#uint32());
      case "G":
        return this.#view.getFloat64(this.#skip(8));
      case "c":
        return new Global(this.#line(), this.#line());
      case ")":
      case "]":
        return [];
      case "N":
      case "\x88":
      case "\x89":
      case "}":
      case "\x8f":
        return OPAQUE;
      default:
        return undefined;
    }
  }

  #push(value: PickleValue | undefined): boolean {
    if (value !== undefined) this.#stack.push(value);
    return value !== undefined;
  }

  /** Tuples, lists, sets and dictionaries. */
  #collect(opcode: string): boolean {
    switch (opcode) {
      case "(":
        this.#stack.push(MARK);
        return true;
      case "t":
      case "l":
        return this.#push(this.#popMark());
      case "\x85":
      case "\x86":
      case "\x87":
        return this.#push(this.#popTuple(opcode.charCodeAt(0) - 0x84));
      case "a":
        this.#extend([this.#pop()]);
        return true;
      case "e":
        this.#extend(this.#popMark());
        return true;
      case "u":
      case "\x90":
      case "1":
        this.#popMark();
        return true;
      case "d":
      case "\x91":
        this.#popMark();
        return this.#push(OPAQUE);
      case "s":
        this.#pop();
        this.#pop();
        return true;
      default:
        return false;
    }
  }

  #memoise(opcode: string): boolean {
    switch (opcode) {
      case "q":
        return this.#remember(this.#byte());
      case "r":
        return this.#remember(this.#uint32());
      case "p":
        return this.#remember(Number(this.#line()));
      case "\x94":
        return this.#remember(this.#memo.size);
      case "h":
        return this.#push(this.#recall(this.#byte()));
      case "j":
        return this.#push(this.#recall(this.#uint32()));
      case "g":
        return this.#push(this.#recall(Number(this.#line())));
      default:
        return false;
    }
  }

  /** Objects, which stay opaque, and persistent ids, which are what a reader of weights is after. */
  #build(opcode: string): void {
    switch (opcode) {
      case "\x80":
        this.#skip(1);
        return;
      case "\x95":
        this.#skip(8);
        return;
      case "\x93": {
        const name = this.#pop();
        const module = this.#pop();
        const known = typeof module === "string" && typeof name === "string";
        this.#stack.push(known ? new Global(module, name) : OPAQUE);
        return;
      }
      case "Q":
        this.#persist(this.#pop());
        return;
      case "P":
        this.#persist(this.#line());
        return;
      case "R":
      case "\x81":
        this.#replace(2);
        return;
      case "\x92":
        this.#replace(3);
        return;
      case "b":
        this.#pop();
        return;
      case "o":
        this.#popMark();
        this.#stack.push(OPAQUE);
        return;
      case "i":
        this.#line();
        this.#line();
        this.#popMark();
        this.#stack.push(OPAQUE);
        return;
      case "0":
        this.#stack.pop();
        return;
      case "2":
        this.#stack.push(this.#peek());
        return;
      default:
        throw new Error(`no pickle opcode at byte ${this.#at - 1}`);
    }
  }

  #persist(id: PickleValue): void {
    this.#persistentIds.push(id);
    this.#stack.push(OPAQUE);
  }

  #replace(count: number): void {
    for (let i = 0; i < count; i++) this.#pop();
    this.#stack.push(OPAQUE);
  }

  #extend(items: PickleValue[]): void {
    const list = this.#peek();
    if (Array.isArray(list)) for (const item of items) list.push(item);
  }

  #remember(index: number): true {
    this.#memo.set(index, this.#peek());
    return true;
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw new Error("the pickle refers to a memo that it never made");
    return value;
  }

  #peek(): PickleValue {
    const top = this.#stack.at(-1);
    if (top === undefined || top === MARK) throw new Error("the pickle's stack is empty");
    return top;
  }

  #pop(): PickleValue {
    const top = this.#peek();
    this.#stack.pop();
    return top;
  }

  #popMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw new Error("the pickle has no mark");
    const items = this.#stack.splice(mark);
    return items.slice(1) as PickleValue[];
  }

  #popTuple(count: number): PickleValue[] {
    const items: PickleValue[] = [];
    for (let i = 0; i < count; i++) items.unshift(this.#pop());
    return items;
  }

  /** Moves over `length` bytes and returns where they begin. */
  #skip(length: number): number {
    const from = this.#at;
    if (length > this.bytes.length - from) throw new Error("the pickle ends early");
    this.#at += length;
    return from;
  }

  #byte(): number {
    return this.bytes[this.#skip(1)]!;
  }

  #uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  #uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  #text(length: number): string {
    const from = this.#skip(length);
    return latin1(this.bytes.subarray(from, from + length));
  }

  #line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new Error("the pickle ends within a line");
    const from = this.#skip(end + 1 - this.#at);
    return latin1(this.bytes.subarray(from, end));
  }

  #number(text: string): PickleValue {
    const value = Number(text.replace(/L$/, ""));
    return Number.isNaN(value) ? OPAQUE : value;
  }

  /** A little-endian two's complement integer; what a double cannot hold is opaque. */
  #long(length: number): PickleValue {
    const from = this.#skip(length);
    if (length > 8) return OPAQUE;
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.bytes[from + i]!) << BigInt(8 * i);
    const signed = Number(BigInt.asIntN(8 * length, value));
    return Number.isSafeInteger(signed) ? signed : OPAQUE;
  }
}
