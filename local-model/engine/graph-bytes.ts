/** Writes the parts of an ONNX graph that are added to a model: nodes, inputs, outputs and small constants. Field numbers: onnx.proto of onnx 1.23. */

import { bytesField, floatField, joined, numberField } from './protobuf.js';

export const floatType = 1;
export const int64Type = 7;

/** Attributes of a node; those given as `{ float }` are written as such, also when they are whole. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

export interface NodeText {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
  /** Operators outside the standard: `com.microsoft`. */
  readonly domain?: string;
}

/** A node of a graph. Its attributes are not negative. */
export function nodeField({ operator, inputs, outputs, attributes = {}, domain }: NodeText): Uint8Array {
  return bytesField(
    1,
    joined([
      ...inputs.map((name) => bytesField(1, name)),
      ...outputs.map((name) => bytesField(2, name)),
      bytesField(3, outputs[0] ?? operator),
      bytesField(4, operator),
      ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
      ...(domain === undefined ? [] : [bytesField(7, domain)]),
    ]),
  );
}

function attribute(name: string, value: Attributes[string]): Uint8Array {
  const [floatKind, intKind, intsKind] = [1, 2, 7];
  if (typeof value === 'number') return joined([bytesField(1, name), numberField(3, value), numberField(20, intKind)]);
  if ('float' in value) return joined([bytesField(1, name), floatField(2, value.float), numberField(20, floatKind)]);
  return joined([bytesField(1, name), ...value.map((each) => numberField(8, each)), numberField(20, intsKind)]);
}

/** A size that is known, or the name of one that is not. */
export type Size = number | string;

export function inputField(name: string, elementType: number, shape?: readonly Size[]): Uint8Array {
  return valueInfo(11, name, elementType, shape);
}

export function outputField(name: string, elementType: number, shape?: readonly Size[]): Uint8Array {
  return valueInfo(12, name, elementType, shape);
}

function valueInfo(field: number, name: string, elementType: number, shape: readonly Size[] | undefined): Uint8Array {
  const sizes = (shape ?? []).map((size) =>
    bytesField(1, typeof size === 'number' ? numberField(1, size) : bytesField(2, size)),
  );
  const tensor = joined([numberField(1, elementType), ...(shape === undefined ? [] : [bytesField(2, joined(sizes))])]);
  return bytesField(field, joined([bytesField(1, name), bytesField(2, bytesField(1, tensor))]));
}

/** A list of whole numbers as a constant. */
export function integersField(name: string, values: readonly number[]): Uint8Array {
  const words = BigInt64Array.from(values, BigInt);
  return constant(name, int64Type, [values.length], new Uint8Array(words.buffer));
}

/** One number as a constant. */
export function numberConstant(name: string, value: number): Uint8Array {
  return constant(name, floatType, [1], new Uint8Array(Float32Array.of(value).buffer));
}

/** A whole model of one graph, given by its fields. */
export function modelBytes(graph: readonly Uint8Array[]): Uint8Array {
  const opset = (domain: string, version: number): Uint8Array =>
    bytesField(8, joined([bytesField(1, domain), numberField(2, version)]));
  return joined([numberField(1, 8), bytesField(7, joined(graph)), opset('', 17), opset('com.microsoft', 1)]);
}

/** The least that is a model: it hands a number on. */
export function smallestModel(): Uint8Array {
  return modelBytes([
    bytesField(2, 'smallest'),
    nodeField({ operator: 'Identity', inputs: ['given'], outputs: ['same'] }),
    inputField('given', floatType, [1]),
    outputField('same', floatType, [1]),
  ]);
}

function constant(name: string, type: number, shape: readonly number[], raw: Uint8Array): Uint8Array {
  const sizes = shape.map((size) => numberField(1, size));
  return bytesField(5, joined([...sizes, numberField(2, type), bytesField(8, name), bytesField(9, raw)]));
}
