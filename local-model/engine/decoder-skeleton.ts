/** Reads over a decoder's graph once, without its weights, and notes what can be changed in it while it is loaded. */

import { closeSync, fstatSync, openSync } from 'node:fs';
import { Cursor, type Span } from './protobuf.js';

/** Operators that turn what flows through a graph into 8-bit numbers; source: ONNX and onnxruntime's contrib operator lists. */
const rounding = /^(?:DynamicQuantize|QuantizeLinear|QLinear|MatMulInteger|QGemm|ConvInteger)/u;

/** What stands in the bytes of every node that matters here. All others, nearly all of a graph, are passed over whole. */
const telling =
  /present\.|logits|GroupQueryAttention|MatMulNBits|DynamicQuantize|QuantizeLinear|QLinear|MatMulInteger|QGemm|ConvInteger/u;

/** What is known of a graph after reading over it once. */
export interface Skeleton {
  readonly size: number;
  readonly graphs: readonly { readonly start: number; readonly body: Span }[];
  readonly opset: number;
  readonly irVersion: number;
  readonly inputs: ReadonlyMap<string, ValueInfo>;
  readonly outputs: ReadonlyMap<string, ValueInfo>;
  /** The operator that makes each value `present.*`. */
  readonly producers: ReadonlyMap<string, string>;
  /** Four-bit products whose accuracy level is not set, attentions, and what makes the logits; in order of place. */
  readonly nodes: readonly NodeInfo[];
  /** Whether some operator rounds what flows through the graph to 8 bits; 8-bit weights alone round nothing. */
  readonly roundsActivations: boolean;
  /** Shapes of the constants. */
  readonly constants: ReadonlyMap<string, readonly number[]>;
}

/** An input or an output. */
export interface ValueInfo {
  readonly name: string;
  readonly elementType: number;
  /** `undefined` where a size is a name. */
  readonly shape: readonly (number | undefined)[];
  /** Where its field lies. */
  readonly span: Span;
}

export interface NodeInfo {
  readonly operator: string;
  /** Where its field begins, tag included. */
  readonly start: number;
  readonly body: Span;
  readonly inputs: readonly string[];
  /** Where the field of its first input lies. */
  readonly firstInput: Span | undefined;
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Attribute {
  readonly name: string;
  /** Whole numbers below zero are read as the very large ones that they are written as. */
  readonly value: number;
  readonly span: Span;
}

/** @param name of the file, for messages */
export function readSkeleton(path: string, name: string): Skeleton {
  const file = openSync(path, 'r');
  try {
    return new Reader(new Cursor(file, fstatSync(file).size, name)).model();
  } finally {
    closeSync(file);
  }
}

/** A 4-bit product whose accuracy level is left open. */
export function isSlow(node: NodeInfo): boolean {
  if (node.operator !== 'MatMulNBits' || (node.attributes.get('bits')?.value ?? 4) !== 4) return false;
  return (node.attributes.get('accuracy_level')?.value ?? 0) === 0;
}

/** Field numbers below: onnx.proto of onnx 1.23. */
class Reader {
  readonly #inputs = new Map<string, ValueInfo>();
  readonly #outputs = new Map<string, ValueInfo>();
  readonly #producers = new Map<string, string>();
  readonly #nodes: NodeInfo[] = [];
  #roundsActivations = false;
  readonly #constants = new Map<string, readonly number[]>();

  constructor(private readonly cursor: Cursor) {}

  model(): Skeleton {
    const graphs: { start: number; body: Span }[] = [];
    let opset = 0;
    let irVersion = 0;
    this.cursor.message(this.cursor.size, (field, wire) => {
      if (field === 1 && wire === 0) irVersion = this.cursor.varint();
      else if (field === 7) graphs.push({ start: this.cursor.fieldStart, body: this.#graph() });
      else if (field === 8) opset = Math.max(opset, this.#opset());
      else return false;
      return true;
    });
    return {
      size: this.cursor.size,
      graphs,
      opset,
      irVersion,
      inputs: this.#inputs,
      outputs: this.#outputs,
      producers: this.#producers,
      nodes: this.#nodes,
      roundsActivations: this.#roundsActivations,
      constants: this.#constants,
    };
  }

  #graph(): Span {
    return this.cursor.body((field) => {
      if (field === 1) this.#node();
      else if (field === 5) this.#constant();
      else if (field === 11) this.#valueInfo(this.#inputs);
      else if (field === 12) this.#valueInfo(this.#outputs);
      else return false;
      return true;
    });
  }

  #node(): void {
    const start = this.cursor.fieldStart;
    if (this.cursor.passUnless(telling)) return;
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, Attribute>();
    let firstInput: Span | undefined;
    let operator = '';
    const body = this.cursor.body((field, wire) => {
      if (field === 1) {
        const from = this.cursor.fieldStart;
        inputs.push(this.cursor.text());
        firstInput ??= { start: from, end: this.cursor.position };
      } else if (field === 2) outputs.push(this.cursor.text());
      else if (field === 4) operator = this.cursor.text();
      else if (field === 5 && wire === 2) {
        const attribute = this.#attribute();
        attributes.set(attribute.name, attribute);
      } else return false;
      return true;
    });
    for (const made of outputs) if (made.startsWith('present.')) this.#producers.set(made, operator);
    const node: NodeInfo = { operator, start, body, inputs, firstInput, outputs, attributes };
    if (rounding.test(operator)) this.#roundsActivations = true;
    const isOfUse = operator === 'GroupQueryAttention' || outputs.includes('logits') || isSlow(node);
    if (isOfUse) this.#nodes.push(node);
  }

  #attribute(): Attribute {
    const start = this.cursor.fieldStart;
    let name = '';
    let value = 0;
    const body = this.cursor.body((field, wire) => {
      if (field === 1) name = this.cursor.text();
      else if (field === 2 && wire === 5) value = this.cursor.float();
      else if (field === 3 && wire === 0) value = this.cursor.varint();
      else return false;
      return true;
    });
    return { name, value, span: { start, end: body.end } };
  }

  #constant(): void {
    let name = '';
    const shape: number[] = [];
    this.cursor.body((field, wire) => {
      if (field === 1) shape.push(...this.cursor.numbers(wire));
      else if (field === 8) name = this.cursor.text();
      else return false;
      return true;
    });
    this.#constants.set(name, shape);
  }

  #valueInfo(list: Map<string, ValueInfo>): void {
    const start = this.cursor.fieldStart;
    let name = '';
    let elementType = 0;
    const shape: (number | undefined)[] = [];
    const body = this.cursor.body((field) => {
      if (field === 1) name = this.cursor.text();
      else if (field === 2) this.#type((type) => (elementType = type), shape);
      else return false;
      return true;
    });
    list.set(name, { name, elementType, shape, span: { start, end: body.end } });
  }

  #type(setType: (type: number) => void, shape: (number | undefined)[]): void {
    this.cursor.body((kind) => {
      if (kind !== 1) return false;
      this.cursor.body((field, wire) => {
        if (field === 1 && wire === 0) setType(this.cursor.varint());
        else if (field === 2) this.#sizes(shape);
        else return false;
        return true;
      });
      return true;
    });
  }

  #sizes(shape: (number | undefined)[]): void {
    this.cursor.body((field) => {
      if (field !== 1) return false;
      let size: number | undefined;
      this.cursor.body((inner, wire) => {
        if (inner !== 1 || wire !== 0) return false;
        size = this.cursor.varint();
        return true;
      });
      shape.push(size);
      return true;
    });
  }

  /** The version of the standard operators; 0 for those of another domain. */
  #opset(): number {
    let domain = '';
    let version = 0;
    this.cursor.body((field, wire) => {
      if (field === 1) domain = this.cursor.text();
      else if (field === 2 && wire === 0) version = this.cursor.varint();
      else return false;
      return true;
    });
    return domain === '' || domain === 'ai.onnx' ? version : 0;
  }
}
