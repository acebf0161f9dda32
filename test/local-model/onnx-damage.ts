/** Breaks copies of model folders in the ways that downloads, mistakes and ill will do. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function editJson(folder: string, name: string, edit: (value: Record<string, unknown>) => void): void {
  const path = join(folder, name);
  const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  edit(value);
  writeFileSync(path, JSON.stringify(value));
}

/** One protobuf field: a varint or bytes. */
export function field(number: number, value: number | Uint8Array): Buffer {
  const varint = (rest: number): number[] =>
    rest < 128 ? [rest] : [(rest % 128) + 128, ...varint(Math.floor(rest / 128))];
  if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(value.length)]), value]);
}

/** Appended to an ONNX file, a second `graph` field is merged with the first: one more initializer. */
export function addTensor(folder: string, file: string, ...fields: Buffer[]): void {
  const path = join(folder, 'onnx', file);
  const tensor = Buffer.concat([...fields, field(8, Buffer.from('added'))]);
  writeFileSync(path, Buffer.concat([readFileSync(path), field(7, field(5, tensor))]));
}

/** A tensor that is said to lie in another file. */
export function externalTensor(folder: string, location: string, bytes = 4, file = 'embed_tokens.onnx'): void {
  const entry = (key: string, value: string): Buffer =>
    field(13, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));
  addTensor(folder, file, field(1, bytes / 4), field(2, 1), entry('location', location), field(14, 1));
}

/** The same hidden in a branch of a node, as merged decoders have them. */
export function externalTensorInBranch(folder: string, file: string, location: string): void {
  const path = join(folder, 'onnx', file);
  const entry = field(13, Buffer.concat([field(1, Buffer.from('location')), field(2, Buffer.from(location))]));
  const tensor = Buffer.concat([field(1, 1), field(2, 1), entry, field(14, 1), field(8, Buffer.from('hidden'))]);
  const attribute = Buffer.concat([field(1, Buffer.from('then_branch')), field(6, field(5, tensor)), field(20, 5)]);
  const node = Buffer.concat([field(4, Buffer.from('If')), field(5, attribute)]);
  writeFileSync(path, Buffer.concat([readFileSync(path), field(7, field(1, node))]));
}
